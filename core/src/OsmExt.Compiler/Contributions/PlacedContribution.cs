using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using OsmExt.Envoy;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Contributions;

/// <summary>A contribution that is ready to be put into proxies' configuration: decoded, checked, and with its place in the order of all.</summary>
internal sealed class PlacedContribution : IEquatable<PlacedContribution>
{
    private readonly string _digest;

    /// <param name="plugin">The plugin's id.</param>
    /// <param name="slot">What it fills.</param>
    /// <param name="rank">The slot's place among all slots.</param>
    /// <param name="target">Whom it is for.</param>
    /// <param name="message">The configuration; it must not change afterwards.</param>
    /// <param name="origin">The object it was made from.</param>
    public PlacedContribution(string plugin, ContributionSlot slot, int rank, ContributionTarget target, IMessage message, ResourceKey? origin)
    {
        (Plugin, Slot, Rank, Target, Message, Origin) = (plugin, slot, rank, target, message, origin);
        Types = [.. TypeUrlUse.In(message)];
        var head = string.Create(CultureInfo.InvariantCulture, $"{plugin}\n{slot}\n{rank}\n{target.Namespace}|{target.ServiceAccount}|{target.Service}|{target.Port}\n{origin}\n");
        _digest = XdsResource.Hash([.. Encoding.UTF8.GetBytes(head), .. XdsResource.Serialize(message)]);
    }

    public string Plugin { get; }

    public ContributionSlot Slot { get; }

    public int Rank { get; }

    public ContributionTarget Target { get; }

    public IMessage Message { get; }

    public ResourceKey? Origin { get; }

    /// <summary>The types a proxy must offer.</summary>
    public ImmutableArray<string> Types { get; }

    /// <summary>
    /// What it is called in Envoy's configuration: after its slot, so that another filter can be told from it; and after its object
    /// where there may be several.
    /// </summary>
    public string Name => Slot.Merge == MergeRule.Append && Origin is { } origin
        ? $"{NameOf(Plugin, Slot.Name)}.{origin.Namespace}.{origin.Name}"
        : NameOf(Plugin, Slot.Name);

    /// <summary>The objects behind it, as they are named in metadata.</summary>
    public IEnumerable<ResourceKey> Objects => Origin is { } origin ? [PluginKey(Plugin), origin] : [PluginKey(Plugin)];

    public static string NameOf(string plugin, string slot) => $"{plugin}.{slot}";

    /// <summary>How a plugin is named where objects are.</summary>
    public static ResourceKey PluginKey(string plugin) => new("Plugin", "", plugin);

    public bool Equals(PlacedContribution? other) => other is not null && string.Equals(_digest, other._digest, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as PlacedContribution);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_digest);
}
