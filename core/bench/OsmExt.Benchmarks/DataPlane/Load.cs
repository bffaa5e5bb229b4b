using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OsmExt.Benchmarks.DataPlane;

/// <summary>What came of load.</summary>
/// <param name="PerSecond">Answers per second.</param>
/// <param name="Answers">How many there were.</param>
/// <param name="P50">Half of the answers came within so many milliseconds.</param>
/// <param name="P99">All but one of a hundred.</param>
internal sealed record LoadResult(double PerSecond, int Answers, double P50, double P99);

/// <summary>Two kinds of load: as much as goes, and so many requests per second whatever becomes of them.</summary>
internal static partial class Load
{
    private const int Monotonic = 1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>So many at a time, each one's next when its last is answered.</summary>
    public static async Task<LoadResult> SaturateAsync(IEchoClient client, int atOnce, TimeSpan duration)
    {
        var taken = new List<double>[atOnce];
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(worker => Task.Run(async () =>
        {
            var own = taken[worker] = [];
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                var sent = Stopwatch.GetTimestamp();
                await client.AskAsync();
                own.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }
        })));
        return Result(taken.SelectMany(own => own), Stopwatch.GetElapsedTime(start));
    }

    /// <summary>
    /// Requests at fixed times, answered or not those before. Time counts from when a request was to be sent, so that a pause delays all that were to
    /// come in it, and is seen in all of them.
    /// </summary>
    public static async Task<LoadResult> AtRateAsync(IEchoClient client, double perSecond, TimeSpan duration)
    {
        var (taken, failures) = (new ConcurrentQueue<double>(), new ConcurrentQueue<Exception>());
        var total = (int)(perSecond * duration.TotalSeconds);
        var (left, done) = (total, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var start = Stopwatch.GetTimestamp();
        var interval = Stopwatch.Frequency / perSecond;
        new Thread(() =>
        {
            for (var request = 0; request < total; request++)
            {
                var due = start + (long)(request * interval);
                SleepUntil(due);
                ThreadPool.UnsafeQueueUserWorkItem(due => _ = AskAsync(due), due, preferLocal: false);
            }
        }) { IsBackground = true, Name = "pace" }.Start();
        await done.Task.WaitAsync(duration + Patience);
        return failures.TryPeek(out var failure) ? throw failure : Result(taken, Stopwatch.GetElapsedTime(start));

        async Task AskAsync(long due)
        {
            try
            {
                await client.AskAsync();
                taken.Enqueue(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
            }
            catch (Exception failed) when (failed is IOException or HttpRequestException)
            {
                failures.Enqueue(failed);
            }

            if (Interlocked.Decrement(ref left) == 0)
            {
                done.SetResult();
            }
        }
    }

    private static LoadResult Result(IEnumerable<double> taken, TimeSpan elapsed)
    {
        var ordered = taken.Order().ToArray();
        return new(ordered.Length / elapsed.TotalSeconds, ordered.Length, ordered[ordered.Length / 2], ordered[(int)(ordered.Length * 0.99)]);
    }

    // .NET's own timers are a millisecond apart, which is what is to be measured. A stopwatch counts nanoseconds of this clock.
    private static void SleepUntil(long timestamp)
    {
        var until = new Time(timestamp / Stopwatch.Frequency, timestamp % Stopwatch.Frequency);
        while (Sleep(Monotonic, 1, until, IntPtr.Zero) != 0)
        {
            // A signal came.
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sleep(int clock, int flags, in Time until, IntPtr remaining);

    private readonly record struct Time(long Seconds, long Nanoseconds);
}
