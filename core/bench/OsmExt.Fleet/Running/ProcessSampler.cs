using System.Diagnostics;
using System.Globalization;

namespace OsmExt.Fleet.Running;

/// <summary>Looks at a process from outside, by what the kernel says of it: nothing of the looking falls to its account.</summary>
internal sealed class ProcessSampler : IDisposable
{
    // Of every Linux .NET runs on.
    private const double TicksPerSecond = 100;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly CancellationTokenSource _over = new();
    private readonly List<Sample> _samples = [];
    private readonly Func<int> _process;
    private readonly Task _running;

    /// <param name="process">Which process it is at the moment.</param>
    public ProcessSampler(Func<int> process)
    {
        _process = process;
        _running = Task.Run(RunAsync);
    }

    public Sample[] Samples
    {
        get
        {
            lock (_samples)
            {
                return [.. _samples];
            }
        }
    }

    /// <summary>Seconds since it began.</summary>
    public double Now => Stopwatch.GetElapsedTime(_start).TotalSeconds;

    /// <summary>Resident memory in megabytes.</summary>
    public static double Megabytes(int process) => Read(process)?.Megabytes ?? 0;

    /// <summary>Looks no more.</summary>
    public async Task StopAsync()
    {
        await _over.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    public void Dispose() => _over.Dispose();

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        (int Process, double Cpu, double At) before = (0, 0, 0);
        var life = 0;
        while (!_over.IsCancellationRequested)
        {
            var (process, now) = (_process(), Now);
            if (Read(process) is { } read)
            {
                life += before.Process == process ? 0 : 1;
                if (before.Process == process)
                {
                    lock (_samples)
                    {
                        _samples.Add(new(Math.Round(now, 2), Math.Round((read.Cpu - before.Cpu) / (now - before.At), 3), Math.Round(read.Megabytes, 1), life));
                    }
                }

                before = (process, read.Cpu, now);
            }

            await ((Task)timer.WaitForNextTickAsync(_over.Token).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Null when it has just ended.
    private static (double Cpu, double Megabytes)? Read(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            // A program's name may have spaces, in brackets.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return ((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond,
                long.Parse(fields[21], CultureInfo.InvariantCulture) * Environment.SystemPageSize / 1e6);
        }
        catch (IOException)
        {
            return null;
        }
    }
}

/// <summary>What a process took at a moment.</summary>
/// <param name="At">Seconds since the run began.</param>
/// <param name="Cores">Processor time per time since the sample before.</param>
/// <param name="Megabytes">Resident memory.</param>
/// <param name="Life">Which process it was: 1 for the first, one more after each restart.</param>
internal sealed record Sample(double At, double Cores, double Megabytes, int Life);
