namespace OsmExt.Demo.Measure;

/// <summary>Percentiles of times, by nearest rank.</summary>
internal readonly record struct Percentiles(double P50, double P99, double Longest, int Count)
{
    public static Percentiles Of(IReadOnlyCollection<double> times)
    {
        var sorted = times.Order().ToArray();
        return new(Rank(sorted, 0.50), Rank(sorted, 0.99), sorted[^1], sorted.Length);
    }

    public override string ToString() => $"p50 {P50:f0} ms, p99 {P99:f0} ms, longest {Longest:f0} ms of {Count}";

    private static double Rank(double[] sorted, double part) => sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Length) - 1)];
}
