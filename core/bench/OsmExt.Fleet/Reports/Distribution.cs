namespace OsmExt.Fleet.Reports;

/// <summary>What became of many measurements of one thing.</summary>
/// <param name="Count">How many.</param>
/// <param name="P50">The median.</param>
/// <param name="P99">At most this for 99 of 100.</param>
/// <param name="Max">The largest.</param>
internal sealed record Distribution(int Count, double P50, double P99, double Max)
{
    public static Distribution Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new(sorted.Length, At(sorted, 0.5), At(sorted, 0.99), At(sorted, 1));
    }

    /// <summary>The smallest value that at least this share is not above; 0 of nothing.</summary>
    public static double At(IReadOnlyList<double> sorted, double share)
        => sorted.Count == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)];
}
