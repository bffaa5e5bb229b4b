using System.Collections;
using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Metrics.V3;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Contributions;

/// <summary>
/// What plugins add to the way proxies start. Lists grow; of what can be there once only, and of two entries with one name, the first in the order
/// of slots counts, and the mesh's before all.
/// </summary>
internal sealed class ContributedBootstrap
{
    private readonly Dictionary<string, PlacedContribution?> _owners = new(StringComparer.Ordinal) { ["overload_manager.resource_monitors.envoy.resource_monitors.global_downstream_max_connections"] = null };
    private readonly List<Diagnostic> _findings = [];
    private readonly ProxyScope _scope;

    private ContributedBootstrap(ScopeContributions contributions, ProxyScope scope)
    {
        _scope = scope;
        foreach (var item in Items(contributions))
        {
            Merge(Whole(item.Message), Bootstrap, "", item);
        }
    }

    private Bootstrap Bootstrap { get; } = new();

    /// <summary>All that plugins say of these proxies' bootstrap; an empty one when that is nothing.</summary>
    public static Bootstrap Of(ScopeContributions contributions, ProxyScope scope) => new ContributedBootstrap(contributions, scope).Bootstrap;

    /// <summary>The objects behind it.</summary>
    public static IEnumerable<string> ObjectsOf(ScopeContributions contributions) => Items(contributions).SelectMany(item => item.Objects).Distinct().Select(key => key.ToString());

    /// <summary>A scope's contributions with what is said of those that do not count.</summary>
    public static ScopeContributions Settled(ScopeContributions contributions, ProxyScope scope)
        => new ContributedBootstrap(contributions, scope)._findings is { Count: > 0 } findings
            ? contributions with { Findings = [.. new SortedSet<Diagnostic>(contributions.Findings.Concat(findings))] } : contributions;

    /// <summary>The bootstrap with all that plugins add to it.</summary>
    public static Bootstrap Into(Bootstrap own, Bootstrap added)
    {
        var whole = own.Clone();
        var layers = whole.LayeredRuntime.Layers.ToArray();
        whole.MergeFrom(added);
        // The last layer that has a key counts, which is the mesh's.
        whole.LayeredRuntime.Layers.Clear();
        whole.LayeredRuntime.Layers.AddRange([.. added.LayeredRuntime?.Layers ?? [], .. layers]);
        return whole;
    }

    private static IEnumerable<PlacedContribution> Items(ScopeContributions contributions) => contributions.All.IsEmpty ? []
        // What is more specific stands first, and so counts.
        : contributions.ForProxy(ContributionPoint.Bootstrap, Direction.Inbound).Concat(contributions.ForProxy(ContributionPoint.StatsTag, Direction.Inbound))
            .OrderBy(item => item.Rank).ThenByDescending(item => item.Target.Specificity);

    private static Bootstrap Whole(IMessage message) => message is TagSpecifier tag ? new() { StatsConfig = new() { StatsTags = { tag } } } : (Bootstrap)message;

    private void Merge(IMessage from, IMessage into, string path, PlacedContribution item)
    {
        foreach (var field in from.Descriptor.Fields.InDeclarationOrder())
        {
            var (value, at) = (field.Accessor.GetValue(from), path.Length == 0 ? field.Name : $"{path}.{field.Name}");
            if (value is IList list)
            {
                foreach (var entry in list.OfType<IMessage>().Where(entry => NameOf(entry) is not { Length: > 0 } name || Owns($"{at}.{name}", $"{at} \"{name}\"", item)))
                {
                    ((IList)field.Accessor.GetValue(into)).Add(entry);
                }
            }
            else if (value is IMessage inner && Descends(field))
            {
                if (field.Accessor.GetValue(into) is not IMessage target)
                {
                    field.Accessor.SetValue(into, target = inner.Descriptor.Parser.ParseFrom(ByteString.Empty));
                }

                Merge(inner, target, at, item);
            }
            else if ((field.HasPresence ? field.Accessor.HasValue(from) : value is true) && Owns(field.ContainingOneof?.Name ?? at, at, item))
            {
                field.Accessor.SetValue(into, value);
            }
        }
    }

    // Below these, plugins may share a message.
    private static bool Descends(FieldDescriptor field) => field.Name is "stats_config" or "layered_runtime" or "overload_manager";

    private bool Owns(string place, string what, PlacedContribution item)
    {
        if (_owners.TryAdd(place, item))
        {
            return true;
        }

        var owner = _owners[place];
        var isNearer = owner is not null && owner.Rank == item.Rank && owner.Target.Specificity > item.Target.Specificity;
        if (!isNearer)
        {
            _findings.Add(new(DiagnosticCodes.ContributionConflict, Severity.Warning, item.Subject, "",
                $"Plugin {item.Plugin} ({item.Origin?.ToString() ?? item.Slot.Name}) and {(owner is null ? "the mesh" : $"plugin {owner.Plugin} ({owner.Origin?.ToString() ?? owner.Slot.Name})")} both claim {what} of the bootstrap of {_scope.Identity}; the latter has it",
                "Remove one of them, or aim one at something more specific"));
        }

        return false;
    }

    private static string NameOf(IMessage entry) => entry.Descriptor.FindFieldByName("tag_name") is { } tag ? (string)tag.Accessor.GetValue(entry)
        : entry.Descriptor.FindFieldByName("name") is { FieldType: FieldType.String } name && entry is not StatsSink ? (string)name.Accessor.GetValue(entry) : "";
}
