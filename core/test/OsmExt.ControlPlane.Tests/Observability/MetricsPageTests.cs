using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using OsmExt.ControlPlane.Tests.OnCluster;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.Tests.Shared;

namespace OsmExt.ControlPlane.Tests.Observability;

/// <summary>core/docs/metrics.md lists what a control plane has, and all of it.</summary>
public sealed partial class MetricsPageTests
{
    [Fact]
    public async Task Every_metric_is_on_the_page_with_its_type_and_its_labels_and_no_other_is()
    {
        await using var cluster = await TestCluster.StartAsync();
        await ReplicaTests.ApplyShopAsync(cluster);
        await using var plane = await RunningControlPlane.StartAsync(cluster, "one");
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, "delta");
        var shown = await plane.HttpTextAsync("/metrics");

        var real = TypeLine().Matches(shown).Where(match => match.Groups["name"].Value.StartsWith("osm_", StringComparison.Ordinal))
            .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["type"].Value, StringComparer.Ordinal);
        var documented = Row().Matches(await File.ReadAllTextAsync(Page())).ToDictionary(match => match.Groups["name"].Value, StringComparer.Ordinal);

        Assert.Equal(documented.Keys.Order(StringComparer.Ordinal), real.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, row) in documented)
        {
            Assert.Equal((name, real[name]), (name, row.Groups["type"].Value));
            if (Regex.Match(shown, $@"(?m)^{name}(_bucket|_count|_sum)?\{{(?<labels>[^}}]*)\}}") is { Success: true } sample)
            {
                var labels = Label().Matches(sample.Groups["labels"].Value).Select(match => match.Groups[1].Value).Where(label => label != "le");
                Assert.Equal((name, row.Groups["labels"].Value), (name, string.Join(", ", labels)));
            }
        }

        // What no change has touched yet is there all the same; what has labels shows when something happens.
        Assert.Contains("osm_change_stage_seconds_bucket", shown, StringComparison.Ordinal);
        Assert.Contains("osm_xds_answer_seconds_bucket", shown, StringComparison.Ordinal);
    }

    private static string Page([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../../docs/metrics.md"));

    [GeneratedRegex("(?m)^# TYPE (?<name>[a-z0-9_]+) (?<type>[a-z]+)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"(?m)^\| `(?<name>osm_[a-z0-9_]+)` \| (?<type>[a-z]+) \| (?<labels>[a-z_, ]*?) ?\| .+ \|$")]
    private static partial Regex Row();

    [GeneratedRegex("([a-z_]+)=\"")]
    private static partial Regex Label();
}
