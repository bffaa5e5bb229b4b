using OsmExt.PluginHost.Running;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Tests;

public class OrderTests
{
    [Fact]
    public void The_order_does_not_depend_on_the_order_of_loading()
    {
        PluginManifest[] plugins =
        [
            Plugin("d", FilterStage.Edge), Plugin("c", FilterStage.Traffic, after: ["a"]), Plugin("b", FilterStage.Traffic, before: ["a"]), Plugin("a", FilterStage.Traffic),
        ];
        foreach (var permutation in Permutations(plugins))
        {
            Assert.Equal(["d", "b", "a", "c"], Sorted(permutation, out var findings));
            Assert.Empty(findings);
        }
    }

    [Fact]
    public void A_circle_is_told_to_everybody_in_it_and_ordered_all_the_same()
    {
        PluginManifest[] plugins = [Plugin("b", FilterStage.Traffic, before: ["a"]), Plugin("a", FilterStage.Traffic, before: ["b"]), Plugin("c", FilterStage.Edge)];
        foreach (var permutation in Permutations(plugins))
        {
            Assert.Equal(["c", "a", "b"], Sorted(permutation, out var findings));
            Assert.Equal(["Plugin a", "Plugin b"], findings.Select(finding => finding.Object.ToString()).Order(StringComparer.Ordinal));
            Assert.All(findings, finding => Assert.Contains("a, b", finding.Message, StringComparison.Ordinal));
        }
    }

    private static IEnumerable<string> Sorted(PluginManifest[] plugins, out List<Diagnostic> findings)
    {
        findings = [];
        var order = SlotOrder.Of(plugins, findings);
        return plugins.OrderBy(plugin => order.RankOf(plugin.Id, "slot")).Select(plugin => plugin.Id);
    }

    private static PluginManifest Plugin(string id, FilterStage stage, string[]? after = null, string[]? before = null) => new(id, new(1, 0, 0))
    {
        Slots = [new("slot", ContributionPoint.HttpFilter, Direction.Outbound) { Stage = stage, After = [.. after ?? []], Before = [.. before ?? []] }],
    };

    private static IEnumerable<T[]> Permutations<T>(T[] items)
        => items.Length <= 1 ? [items] : items.SelectMany(first => Permutations([.. items.Where(item => !ReferenceEquals(item, first))]).Select(rest => (T[])[first, .. rest]));
}
