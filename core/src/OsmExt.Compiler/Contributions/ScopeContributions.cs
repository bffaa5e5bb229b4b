using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Contributions;

/// <summary>What plugins contribute to one scope's configuration. Equal contributions give equal configuration.</summary>
/// <param name="All">In the order of their places; of contributions to one place the winner stands first.</param>
/// <param name="Findings">What was left out for this scope and why, sorted.</param>
internal sealed record ScopeContributions(EquatableArray<PlacedContribution> All, EquatableArray<Diagnostic> Findings)
{
    /// <summary>
    /// Why these proxies must not be configured anew: a plugin they cannot do without has failed. Who has a configuration keeps it;
    /// who has none gets one that carries no traffic. Null when nothing is in the way.
    /// </summary>
    public string? Held { get; init; }

    /// <summary>What is not among them because Envoy refused it, in the order of their places.</summary>
    public EquatableArray<LeftOutContribution> LeftOut { get; init; }

    /// <summary>The plugins that proxies cannot do without, by id.</summary>
    public EquatableArray<string> Closed { get; init; } = [];

    /// <summary>The clusters that routes lead to, as far as these proxies may reach them.</summary>
    public EquatableArray<RouteLead> Leads { get; init; } = [];

    /// <summary>The Kubernetes Secrets that are named in it, by name in Envoy's configuration.</summary>
    public EquatableArray<ContributedSecret> Secrets { get; init; } = [];

    private readonly EquatableArray<MeshMetadata> _reads = [.. All.SelectMany(item => item.Slot.Metadata).Distinct().Order()];

    /// <summary>Whether any of it reads that part of the metadata that the mesh writes.</summary>
    public bool Read(MeshMetadata metadata) => _reads.Contains(metadata);

    public static ScopeContributions None { get; } = new([], []);

    /// <summary>Whether proxies cannot do without a plugin.</summary>
    public bool IsClosed(string plugin) => Closed.Contains(plugin, StringComparer.Ordinal);

    /// <summary>What is said of proxies that are held, and why.</summary>
    public static Diagnostic HeldFinding(ProxyScope scope, string because) => new(DiagnosticCodes.ConfigurationHeld, Severity.Error, null, "",
        $"Proxies of {scope.Identity} keep the configuration they have, and new ones carry no traffic, since {because}", "Mend the plugin, or remove it");

    /// <summary>What is contributed at a point for the proxies themselves, whatever traffic it is for.</summary>
    public IReadOnlyList<PlacedContribution> ForProxy(ContributionPoint point, Direction direction)
        => Merged(All.Where(item => item.Slot.Point == point && item.Slot.Direction == direction));

    /// <summary>The same in both directions, inbound first.</summary>
    public IEnumerable<PlacedContribution> ForProxy(ContributionPoint point) => ForProxy(point, Direction.Inbound).Concat(ForProxy(point, Direction.Outbound));

    /// <summary>What is contributed at a point, for traffic to a service, or to none in particular; in the order it is to stand in.</summary>
    public IReadOnlyList<PlacedContribution> At(ContributionPoint point, Direction direction, MeshService? service = null)
    {
        if (All.IsEmpty)
        {
            return [];
        }

        return Merged(All.Where(item => item.Slot.Point == point && item.Slot.Direction == direction && item.Target is { Route: null } target && target.Covers(service)));
    }

    /// <summary>What is contributed for single requests to a service: by slot, and of a slot the most specific first.</summary>
    public IReadOnlyList<IReadOnlyList<PlacedContribution>> Routed(ContributionPoint point, Direction direction, MeshService service)
        => All.IsEmpty ? [] :
        [
            .. All.Where(item => IsFor(item, point, direction, service)).GroupBy(item => (item.Plugin, item.Slot.Name))
                .Select(slot => OfRequests([.. slot])).Where(slot => slot.Count > 0),
        ];

    // What is locked for all requests leaves nothing to decide for single ones; of what is locked for some the widest counts.
    private static IReadOnlyList<PlacedContribution> OfRequests(PlacedContribution[] slot)
        => Array.Exists(slot, item => item is { IsLocked: true, Target.Route: null }) ? []
            : [.. slot.Where(item => item.Target.Route is not null).OrderBy(item => item.IsLocked ? item.Target.Specificity : int.MaxValue).ThenByDescending(item => item.Target.Specificity)];

    /// <summary>Whether anything is contributed for the virtual host of a service or its routes, or for single requests to it.</summary>
    public bool Configure(Direction direction, MeshService service)
        => All.Any(item => IsFor(item, ContributionPoint.VirtualHostConfig, direction, service) || IsFor(item, ContributionPoint.Route, direction, service));

    private static bool IsFor(PlacedContribution item, ContributionPoint point, Direction direction, MeshService service)
        => item.Slot.Point == point && item.Slot.Direction == direction && item.Target.Covers(service);

    // Grouping keeps the order of first appearance, and all contributions to one slot have one rank.
    private static IReadOnlyList<PlacedContribution> Merged(IEnumerable<PlacedContribution> contributions)
        => [.. contributions.GroupBy(item => (item.Plugin, item.Slot.Name)).SelectMany(OfSlot)];

    private static IEnumerable<PlacedContribution> OfSlot(IEnumerable<PlacedContribution> contributions)
    {
        var all = contributions.OrderBy(item => item.Target.Specificity).ToArray();
        return all[0].Slot.Merge == MergeRule.Append ? all
            : [all.FirstOrDefault(item => item.IsLocked) ?? all.First(item => item.Target.Specificity == all[^1].Target.Specificity)];
    }
}

/// <summary>A contribution that is in quarantine.</summary>
/// <param name="Item">The contribution.</param>
/// <param name="Entry">Why.</param>
internal sealed record LeftOutContribution(PlacedContribution Item, QuarantineEntry Entry);
