using System.Diagnostics;

namespace OsmExt.Benchmarks;

/// <summary>Runs something several times in this thread: the median of its times, and what it allocates.</summary>
internal readonly record struct Measure(double Milliseconds, double Megabytes)
{
    private const int Runs = 7;
    private const int WarmUps = 3;

    public static Measure Of(Action action)
    {
        for (var run = 0; run < WarmUps; run++)
        {
            action();
        }

        var times = new double[Runs];
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var run = 0; run < Runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            times[run] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Array.Sort(times);
        return new(times[Runs / 2], allocated / (double)Runs / 1_000_000);
    }

    public override string ToString() => $"{Milliseconds,8:f2} ms {Megabytes,7:f2} MB";
}
