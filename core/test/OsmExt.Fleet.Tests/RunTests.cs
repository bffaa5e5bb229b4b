using OsmExt.Fleet.Options;
using OsmExt.Fleet.Reports;
using OsmExt.Fleet.Running;

namespace OsmExt.Fleet.Tests;

/// <summary>Short runs with real processes, of workloads in which more happens than steps one after the other.</summary>
public class RunTests
{
    private static readonly string[] Rotation = ["next root believed", "next root signs", "credentials by the next root", "first root gone"];

    [Fact]
    public async Task A_root_is_replaced_under_everybody_and_nothing_is_sent_afterwards()
    {
        var report = await RunAsync("WORKLOAD=W10", "PROXIES=40", "SOTW=30", "WARMUP=2", "IDLE=1", "PATIENCE=0.5");
        Assert.Equal((40, 40), (report.Comparison.Proxies, report.Comparison.Equal));
        var steps = report.Steps.Where(step => Rotation.Contains(step.Kind)).ToArray();
        Assert.Equal(Rotation, steps.Select(step => step.Kind));
        // Each has everybody answer: another bundle, a certificate, a stream with another credential, and the bundle without the first root.
        Assert.All(steps, step => Assert.Equal(40, step.Proxies));
    }

    [Fact]
    public async Task Routes_become_visible_while_others_change()
    {
        var report = await RunAsync("WORKLOAD=W8+W9", "PROXIES=3", "SERVICES=60", "SOTW=34", "WARMUP=2", "IDLE=1", "SECONDS=4", "PACE=10");
        Assert.Equal((3, 3), (report.Comparison.Proxies, report.Comparison.Equal));
        Assert.All(report.Steps, step => Assert.Equal(3, step.Proxies));
        Assert.InRange(report.Kinds.Sum(kind => kind.Steps), 5, 3000);
        Assert.InRange(report.Alongside, 10, 100);
    }

    private static async Task<RunReport> RunAsync(params string[] words)
    {
        var folder = Directory.CreateTempSubdirectory("osm-fleet-test-");
        try
        {
            var report = await FleetRun.ReportAsync(FleetOptions.Parse([.. words, "STAGES=1", "FLOOR=0", $"STATE={folder.FullName}"]));
            Assert.Equal("", string.Join('\n', report.Faults));
            Assert.Equal(0, report.Idle?.Pushes);
            return report;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
