using System.Runtime.InteropServices;

namespace OsmExt.Benchmarks;

/// <summary>
/// Runs something several times in this thread: the median of the processor time it takes, so that others on the machine do not
/// count, and what it allocates. What the garbage collector does in its own threads does not count either.
/// </summary>
internal readonly partial record struct Measure(double Milliseconds, double Megabytes)
{
    private const int Runs = 9;
    private const int WarmUps = 60;
    private const int ThreadTime = 3;

    private const int ProcessTime = 2;

    public static Measure Of(Action action) => Of(() => 0, _ => action());

    /// <summary>The same for what other threads do on behalf of it: all of the process, with the garbage collector's work.</summary>
    public static Measure OfProcess(Action action) => Of(() => 0, _ => action(), WarmUps, Runs, ProcessTime);

    /// <param name="prepare">Makes what a run needs; does not count.</param>
    /// <param name="action">What is measured.</param>
    /// <param name="warmUps">Runs that do not count.</param>
    /// <param name="runs">Runs that count.</param>
    public static Measure Of<T>(Func<T> prepare, Action<T> action, int warmUps = WarmUps, int runs = Runs) => Of(prepare, action, warmUps, runs, ThreadTime);

    private static Measure Of<T>(Func<T> prepare, Action<T> action, int warmUps, int runs, int clock)
    {
        // The runtime compiles what is called often once more, better, and in the background.
        for (var run = 0; run < warmUps; run++)
        {
            action(prepare());
        }

        var times = new double[runs];
        var allocated = 0L;
        for (var run = 0; run < runs; run++)
        {
            var input = prepare();
            var before = Allocated(clock);
            var start = Now(clock);
            action(input);
            times[run] = Now(clock) - start;
            allocated += Allocated(clock) - before;
        }

        Array.Sort(times);
        return new(times[runs / 2], allocated / (double)runs / 1_000_000);
    }

    public override string ToString() => $"{Milliseconds,8:f2} ms {Megabytes,7:f2} MB";

    private static long Allocated(int clock) => clock == ThreadTime ? GC.GetAllocatedBytesForCurrentThread() : GC.GetTotalAllocatedBytes(precise: true);

    private static double Now(int clock)
    {
        if (GetTime(clock, out var time) != 0)
        {
            throw new InvalidOperationException("The benchmarks need Linux, for the processor time of a thread.");
        }

        return (time.Seconds * 1e3) + (time.Nanoseconds / 1e6);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetTime(int clock, out Time time);

    private readonly record struct Time(long Seconds, long Nanoseconds);
}
