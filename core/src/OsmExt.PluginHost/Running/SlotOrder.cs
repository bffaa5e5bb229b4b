using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Running;

/// <summary>
/// The total order of all slots: by stage, then as plugins ask to stand before and after each other, then by plugin and name. It
/// does not depend on the order in which plugins were found.
/// </summary>
internal sealed class SlotOrder
{
    private readonly Dictionary<(string Plugin, string Slot), int> _ranks = [];

    private SlotOrder()
    {
    }

    public int RankOf(string plugin, string slot) => _ranks[(plugin, slot)];

    /// <param name="manifests">All plugins.</param>
    /// <param name="diagnostics">Takes what cannot be kept.</param>
    public static SlotOrder Of(IEnumerable<PluginManifest> manifests, List<Diagnostic> diagnostics)
    {
        var order = new SlotOrder();
        var slots = manifests.SelectMany(manifest => manifest.Slots.Select(slot => (manifest.Id, Slot: slot))).ToArray();
        foreach (var stage in slots.GroupBy(entry => entry.Slot.Stage).OrderBy(stage => stage.Key))
        {
            var (plugins, inCircle) = Sort([.. stage]);
            if (inCircle.Count > 0)
            {
                diagnostics.AddRange(inCircle.Select(id => new Diagnostic(DiagnosticCodes.ContributionConflict, Severity.Warning, PlacedContribution.PluginKey(id), "contributions",
                    $"In stage {stage.Key} the plugins {string.Join(", ", inCircle)} each want to stand before another in a circle, so they stand in order of their ids",
                    "Remove one of their before or after")));
            }

            foreach (var (id, slot) in stage.OrderBy(entry => plugins.IndexOf(entry.Id)).ThenBy(entry => entry.Slot.Name, StringComparer.Ordinal))
            {
                order._ranks.Add((id, slot.Name), order._ranks.Count);
            }
        }

        return order;
    }

    // Of the plugins that have all their predecessors behind them, the first by id is next; in a circle nobody has, and the first by id goes.
    private static (List<string> Sorted, IReadOnlyList<string> InCircle) Sort(IReadOnlyList<(string Id, ContributionSlot Slot)> slots)
    {
        var waiting = new SortedSet<string>(slots.Select(entry => entry.Id), StringComparer.Ordinal);
        var edges = slots.SelectMany(entry => entry.Slot.After.Select(other => (First: other, Then: entry.Id)).Concat(entry.Slot.Before.Select(other => (First: entry.Id, Then: other))))
            .Where(edge => !string.Equals(edge.First, edge.Then, StringComparison.Ordinal)).ToHashSet();
        var sorted = new List<string>();
        var circle = new SortedSet<string>(StringComparer.Ordinal);
        while (waiting.Count > 0)
        {
            var next = waiting.FirstOrDefault(id => !edges.Any(edge => string.Equals(edge.Then, id, StringComparison.Ordinal) && waiting.Contains(edge.First)));
            if (next is null)
            {
                circle.UnionWith(waiting);
                next = waiting.Min!;
            }

            waiting.Remove(next);
            sorted.Add(next);
        }

        return (sorted, [.. circle]);
    }
}
