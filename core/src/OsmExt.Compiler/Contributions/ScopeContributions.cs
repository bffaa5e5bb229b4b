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

    public static ScopeContributions None { get; } = new([], []);

    /// <summary>What is contributed at a point, for traffic to a service, or to none in particular; in the order it is to stand in.</summary>
    public IReadOnlyList<PlacedContribution> At(ContributionPoint point, Direction direction, MeshService? service = null)
    {
        if (All.IsEmpty)
        {
            return [];
        }

        return [.. All
            .Where(item => item.Slot.Point == point && item.Slot.Direction == direction && item.Target.Covers(service))
            .GroupBy(item => (item.Plugin, item.Slot.Name))
            .SelectMany(Merged)];
    }

    // Grouping keeps the order of first appearance, and all contributions to one slot have one rank.
    private static IEnumerable<PlacedContribution> Merged(IEnumerable<PlacedContribution> contributions)
    {
        var all = contributions.OrderBy(item => item.Target.Specificity).ToArray();
        return all[0].Slot.Merge == MergeRule.Append ? all : [all.First(item => item.Target.Specificity == all[^1].Target.Specificity)];
    }
}
