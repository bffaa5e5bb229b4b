using System.Globalization;

namespace OsmExt.Benchmarks.DataPlane;

/// <summary>The figures as tables: medians of the rounds.</summary>
internal static class DataPlaneReport
{
    public static void Print(IReadOnlyList<Sample> traffic, IReadOnlyList<Memory> memory)
    {
        Line($"| protocol | way | requests/s | of direct | at requests/s | p50 | p99 | added p50 | added p99 | CPU per 1,000 requests: client's | server's | both, at that rate |");
        Line($"| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var way in traffic.GroupBy(sample => (sample.Protocol, sample.Way)))
        {
            // By rounds, since neighbours in time share what else the machine did.
            var pairs = way.Select(sample => (Own: sample, Base: traffic.First(other => (other.Protocol, other.Round) == (sample.Protocol, sample.Round)
                && other.Way == DataPlaneBenchmark.Direct))).ToArray();
            double Of(Func<Sample, double> value) => Median(way.Select(value));
            double Beside(Func<Sample, Sample, double> value) => Median(pairs.Select(pair => value(pair.Own, pair.Base)));
            Line($"| {way.Key.Protocol switch { Protocol.Http1 => "HTTP/1.1", Protocol.Http2 => "HTTP/2", _ => "TCP" }} | {way.Key.Way} | {Of(s => s.Saturated.PerSecond):n0} | {Beside((own, direct) => own.Saturated.PerSecond / direct.Saturated.PerSecond):p0} | {Of(s => s.Paced.PerSecond):n0} | {Of(s => s.Paced.P50):f2} ms | {Of(s => s.Paced.P99):f2} ms | {Beside((own, direct) => own.Paced.P50 - direct.Paced.P50):f2} ms | {Beside((own, direct) => own.Paced.P99 - direct.Paced.P99):f2} ms | {Of(s => s.ClientCpu):f3} s | {Of(s => s.ServerCpu):f3} s | {Of(s => s.PacedCpu):f3} s |");
        }

        Line($"");
        Line($"| services | sidecar | client's, resident | server's, resident |");
        Line($"| --- | --- | --- | --- |");
        foreach (var row in memory)
        {
            Line($"| {row.Services:n0} | {row.Plane} | {row.Client:f0} MB | {row.Server:f0} MB |");
        }
    }

    private static void Line(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static double Median(IEnumerable<double> values)
    {
        var ordered = values.Order().ToArray();
        return ordered[ordered.Length / 2];
    }
}
