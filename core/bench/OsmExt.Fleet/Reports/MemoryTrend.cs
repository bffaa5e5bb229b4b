using OsmExt.Fleet.Running;

namespace OsmExt.Fleet.Reports;

/// <summary>Whether memory goes on growing: the median of the last third of a process's life against that of the third before.</summary>
internal static class MemoryTrend
{
    private const int Fewest = 30;

    /// <summary>How many megabytes more; null when the process has not lived long enough to tell.</summary>
    public static double? Of(IReadOnlyList<Sample> samples)
    {
        var life = samples.Where(sample => sample.Life == samples[^1].Life).Select(sample => sample.Megabytes).ToArray();
        return life.Length < Fewest ? null : Median(life[(life.Length * 2 / 3)..]) - Median(life[(life.Length / 3)..(life.Length * 2 / 3)]);
    }

    private static double Median(double[] values) => Distribution.At([.. values.Order()], 0.5);
}
