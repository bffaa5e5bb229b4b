using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Running;

/// <summary>Finds contributions that cannot all be had, and says who wins. The winners are those that the translation takes.</summary>
internal static class Conflicts
{
    private static readonly ContributionPoint[] Named = [ContributionPoint.Cluster, ContributionPoint.Listener, ContributionPoint.FilterChain, ContributionPoint.VirtualHost];

    /// <param name="sorted">In the order of their places.</param>
    public static IEnumerable<Diagnostic> Of(IReadOnlyList<PlacedContribution> sorted)
    {
        var onePlace = sorted.Where(item => item.Slot.Merge == MergeRule.Override && !Named.Contains(item.Slot.Point))
            .GroupBy(item => (item.Plugin, item.Slot.Name, item.Target));
        var oneName = sorted.Where(item => Named.Contains(item.Slot.Point))
            .GroupBy(item => (item.Slot.Point, ContributedResources.NameOf(item.Message), item.Slot.Direction == Direction.Outbound ? item.Target.Port : null));
        var oneOwner = sorted.Where(item => item.Slot.Point == ContributionPoint.Tracing)
            .GroupBy(item => item.Slot.Direction).Where(group => group.DistinctBy(item => item.Plugin).Skip(1).Any());
        return [.. onePlace.SelectMany(group => Report(group, $"the slot {group.Key.Name} for {group.Key.Target}")),
            .. oneName.SelectMany(group => Report(group, $"the name {group.Key.Item2}")),
            .. oneOwner.SelectMany(group => Report(group.DistinctBy(item => item.Plugin), $"{FieldName(group.Key)} tracing"))];
    }

    private static IEnumerable<Diagnostic> Report(IEnumerable<PlacedContribution> claims, string what)
    {
        var all = claims.ToArray();
        return all.Skip(1).Where(loser => !loser.Equals(all[0])).Select(loser => new Diagnostic(
            DiagnosticCodes.ContributionConflict, Severity.Warning, loser.Subject, "",
            $"Plugin {loser.Plugin} ({loser.Origin?.ToString() ?? loser.Slot.Name}) and plugin {all[0].Plugin} ({all[0].Origin?.ToString() ?? all[0].Slot.Name}) both claim {what}; the latter has it",
            "Remove one of them, or aim one at something more specific"));
    }

    private static string FieldName(Direction direction) => direction.ToString().ToLowerInvariant();
}
