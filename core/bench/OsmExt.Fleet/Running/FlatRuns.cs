using OsmExt.Fleet.Options;
using OsmExt.Fleet.Reports;

namespace OsmExt.Fleet.Running;

/// <summary>The same changes for the same proxies in meshes of several sizes, and one table of what they cost in each.</summary>
internal static class FlatRuns
{
    private static readonly int[] Sizes = [100, 500, 1000, 5000];

    public static async Task<IReadOnlyList<RunReport>> RunAsync(FleetOptions options)
    {
        var reports = new List<RunReport>();
        foreach (var services in options.Services > 0 ? [options.Services] : Sizes)
        {
            var report = await FleetRun.ReportAsync(options with { Services = services, State = Path.Combine(options.State, $"{services}") }).ConfigureAwait(false);
            reports.Add(report with { Workload = $"{report.Workload}-{services}" });
        }

        return reports;
    }

    public static string Table(IReadOnlyList<RunReport> reports) => string.Join('\n', reports.SelectMany(report => report.Kinds.Select(kind
        => $"| {report.Workload[(report.Workload.IndexOf('-', StringComparison.Ordinal) + 1)..]} | {kind.Kind} | {kind.Proxies:n0} | {kind.CpuMedian:f1} ms | {kind.AllocatedKilobytes:n0} kB | {kind.All.P50:f1} ms | {kind.All.P99:f1} ms |"))
        .Prepend("| --- | --- | --- | --- | --- | --- | --- |").Prepend("| services | step | proxies | CPU per step, median | allocated | all p50 | p99 |"));
}
