using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using OsmExt.Envoy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Contributions;

/// <summary>A contribution that is ready to be put into proxies' configuration: decoded, checked, and with its place in the order of all.</summary>
internal sealed class PlacedContribution : IEquatable<PlacedContribution>
{
    /// <param name="plugin">The plugin's id.</param>
    /// <param name="slot">What it fills.</param>
    /// <param name="rank">The slot's place among all slots.</param>
    /// <param name="target">Whom it is for.</param>
    /// <param name="message">The configuration; it must not change afterwards.</param>
    /// <param name="origin">The object it was made from.</param>
    /// <param name="requests">What the target's route means; empty where it has none.</param>
    /// <param name="isLocked">Whether no more specific one takes its place.</param>
    /// <param name="granted">What the plugin may do.</param>
    /// <param name="alsoFrom">Further ones.</param>
    public PlacedContribution(
        string plugin, ContributionSlot slot, int rank, ContributionTarget target, IMessage message, ResourceKey? origin,
        EquatableArray<HttpRouteMatch> requests = default, bool isLocked = false,
        EquatableArray<PluginCapability> granted = default, params EquatableArray<ResourceKey> alsoFrom)
    {
        (Plugin, Slot, Rank, Target, Message, Origin, Requests) = (plugin, slot, rank, target, message, origin, requests);
        IsLocked = isLocked && slot.Merge == MergeRule.Override;
        Objects = [.. new[] { PluginKey(plugin) }.Concat(origin is { } first ? [first] : []).Concat(alsoFrom).Concat(target.Route is { } group ? [group.Key] : []).Distinct()];
        Types = [.. TypeUrlUse.In(message)];
        Granted = granted;
        Secrets = slot.Point == ContributionPoint.Patch ? [.. MeshSecrets.Mentioned(EnvoyJson.ToJson(message, indented: false))]
            : Types.Any(type => type.EndsWith("TlsContext", StringComparison.Ordinal)) ? [.. MeshSecrets.In(message).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]
            : [];
        var head = string.Create(CultureInfo.InvariantCulture, $"{plugin}\n{slot}\n{target.Namespace}|{target.ServiceAccount}|{string.Join(",", target.Labels)}|{target.Service}|{target.Port}\n{string.Join(',', Objects)}\n");
        if (target.Route is { } route)
        {
            head += $"{route}\n{string.Join(',', requests)}\n";
        }

        if (IsLocked)
        {
            head += "locked\n";
        }

        // What other contributions may do is decided by now.
        if (slot.Point == ContributionPoint.Patch)
        {
            head += $"{string.Join(',', granted)}\n";
        }

        var bytes = XdsResource.Serialize(message);
        References = bytes.AsSpan().IndexOf(SecretMark) < 0 ? [] : [.. SecretReference.In(message).Distinct().OrderBy(reference => reference.ResourceName, StringComparer.Ordinal)];
        (Content, Size) = (XdsResource.Hash([.. Encoding.UTF8.GetBytes(head), .. bytes]), bytes.Length);
    }

    private static ReadOnlySpan<byte> SecretMark => "secret:"u8;

    public string Plugin { get; }

    public ContributionSlot Slot { get; }

    public int Rank { get; }

    public ContributionTarget Target { get; }

    /// <summary>Whether no more specific one takes its place.</summary>
    public bool IsLocked { get; }

    /// <summary>Which requests it is for, where its target names some; in the order of the object that does.</summary>
    public EquatableArray<HttpRouteMatch> Requests { get; }

    public IMessage Message { get; }

    public ResourceKey? Origin { get; }

    /// <summary>What findings about it are about: the object it was made from, or else the plugin.</summary>
    public ResourceKey Subject => Origin ?? PluginKey(Plugin);

    /// <summary>A digest of all of it but its place in the order, which other plugins change.</summary>
    public string Content { get; }

    /// <summary>The size of the configuration in bytes.</summary>
    public int Size { get; }

    /// <summary>The types a proxy must offer.</summary>
    public ImmutableArray<string> Types { get; }

    /// <summary>What the plugin may do; whether a patch needs any of it is known only of the resources that it changes.</summary>
    public EquatableArray<PluginCapability> Granted { get; }

    /// <summary>The Kubernetes Secrets it names.</summary>
    public ImmutableArray<SecretReference> References { get; }

    /// <summary>The secrets of the mesh it names.</summary>
    public ImmutableArray<string> Secrets { get; }

    /// <summary>
    /// What it is called in Envoy's configuration: after its slot, so that another filter can be told from it; and after its object
    /// where there may be several.
    /// </summary>
    public string Name => Slot.Merge == MergeRule.Append && Origin is { } origin
        ? $"{NameOf(Plugin, Slot.Name)}.{origin.Namespace}.{origin.Name}"
        : NameOf(Plugin, Slot.Name);

    /// <summary>The objects behind it, as they are named in metadata.</summary>
    public EquatableArray<ResourceKey> Objects { get; }

    public static string NameOf(string plugin, string slot) => $"{plugin}.{slot}";

    /// <summary>How a plugin is named where objects are.</summary>
    public static ResourceKey PluginKey(string plugin) => new("Plugin", "", plugin);

    public bool Equals(PlacedContribution? other) => other is not null && Rank == other.Rank && string.Equals(Content, other.Content, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as PlacedContribution);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Content);
}
