using System.Diagnostics;
using OsmExt.Fleet.Meshes;
using OsmExt.Fleet.Options;
using OsmExt.Fleet.Plane;
using OsmExt.Fleet.Reports;

namespace OsmExt.Fleet.Running;

/// <summary>Leads a control plane and its proxies through a workload's steps, one after the other in the workload's rhythm, and measures each.</summary>
internal sealed class StepSequence(
    FleetOptions options, Workload workload, MeasuredPlane plane, ProxyProcesses proxies, ProcessSampler sampler, List<string> faults)
{
    private const double LongestStep = 60;
    private const double LongestUpheaval = 180;
    private readonly IEnumerator<Step> _steps = workload.Steps().GetEnumerator();
    private readonly List<double[]> _latencies = [];
    private readonly double _pace = options.Pace > 0 ? options.Pace : workload.Pace;
    private readonly double _seconds = options.Seconds > 0 ? options.Seconds : workload.Seconds;
    private bool _hasNext;

    // Whoever does not read never answers.
    private bool CanSettle => workload.Settles && options is { Stuck: 0, Nackers: 0 };

    public async Task WarmUpAsync()
    {
        while ((_hasNext = _steps.MoveNext()) && _steps.Current.IsWarmUp)
        {
            await StepAsync(_steps.Current).ConfigureAwait(false);
        }
    }

    /// <summary>How many things have happened beside the steps.</summary>
    public int Alongside { get; private set; }

    public async Task<IReadOnlyList<StepFigures>> RunAsync()
    {
        _latencies.Clear();
        await plane.BesideAsync(_pace).ConfigureAwait(false);
        var (figures, start, due) = (new List<StepFigures>(), Stopwatch.GetTimestamp(), TimeSpan.Zero);
        for (; _hasNext && (workload.RunsToItsEnd || Stopwatch.GetElapsedTime(start).TotalSeconds < _seconds); _hasNext = _steps.MoveNext())
        {
            due += _steps.Current.Pause / _pace;
            if (due - Stopwatch.GetElapsedTime(start) is var early && early > TimeSpan.Zero)
            {
                await Task.Delay(early, TimeProvider.System).ConfigureAwait(false);
            }

            figures.Add(await StepAsync(_steps.Current).ConfigureAwait(false));
        }

        Alongside = await plane.AloneAsync().ConfigureAwait(false);
        return figures;
    }

    /// <summary>What the steps of each kind have in common.</summary>
    public IReadOnlyList<KindFigures> Kinds(IReadOnlyList<StepFigures> steps)
        => [.. steps.Zip(_latencies, (figures, latencies) => (figures, latencies)).GroupBy(step => step.figures.Kind, StringComparer.Ordinal).Select(kind =>
        {
            var (count, pushes, cpu) = (kind.Count(), (double)kind.Sum(step => step.figures.Pushes), kind.Sum(step => step.figures.Cpu));
            return new KindFigures(kind.Key, count, kind.Average(step => step.figures.Proxies), Distribution.Of(kind.SelectMany(step => step.latencies)),
                Distribution.Of(kind.Select(step => step.figures.All)), pushes / count, pushes == 0 ? 0 : kind.Sum(step => step.figures.Bytes) / pushes, cpu / count,
                Median(kind.Select(step => step.figures.Cpu)), pushes == 0 ? 0 : cpu * 1000 / pushes, Median(kind.Select(step => step.figures.AllocatedKilobytes)));
        })];

    private static double Median(IEnumerable<double> values) => Distribution.Of(values).P50;

    private async Task<StepFigures> StepAsync(Step step)
    {
        var (cost, counters, at) = (await plane.CostAsync().ConfigureAwait(false), await proxies.CountersAsync().ConfigureAwait(false), sampler.Now);
        if (step.Leaves.Count > 0)
        {
            await proxies.DisconnectAsync(step.Leaves).ConfigureAwait(false);
        }

        if (step.Subject is not null)
        {
            await proxies.WatchAsync(step.Subject).ConfigureAwait(false);
        }

        var (start, revision) = step.Upheaval is Upheaval.Restart or Upheaval.RestartEmpty ? await RestartAsync(step).ConfigureAwait(false) : await plane.StepAsync().ConfigureAwait(false);
        if (step.Joins.Count > 0)
        {
            await proxies.ConnectAsync(step.Joins).ConfigureAwait(false);
        }

        if (step.Upheaval is Upheaval.ReconnectWithVersions or Upheaval.ReconnectEmpty)
        {
            start = Stopwatch.GetTimestamp();
            await proxies.ReconnectAsync(step.Upheaval == Upheaval.ReconnectWithVersions).ConfigureAwait(false);
        }

        var complete = step.Joins.Count > 0 || step.Upheaval != Upheaval.None ? await CompleteAsync(step, start).ConfigureAwait(false) : [];
        await SettleAsync(step, step.Subject is null ? 0 : revision).ConfigureAwait(false);
        var (after, then) = (await plane.CostAsync().ConfigureAwait(false), await proxies.CountersAsync().ConfigureAwait(false));
        var seconds = step.Upheaval != Upheaval.None ? complete : step.Subject is null ? await proxies.AnswersAsync(start).ConfigureAwait(false) : await SeenAsync(step, start).ConfigureAwait(false);
        _latencies.Add([.. seconds.Select(second => second * 1000)]);
        // The account of a new process begins at nothing.
        cost = step.Upheaval is Upheaval.Restart or Upheaval.RestartEmpty ? cost with { CpuSeconds = 0, Allocated = 0 } : cost;
        var figures = new StepFigures(at, step.Kind, seconds.Length, seconds.Append(complete.LastOrDefault()).Max() * 1000, then.Responses - counters.Responses, then.Bytes - counters.Bytes,
            (after.CpuSeconds - cost.CpuSeconds) * 1000, (after.Allocated - cost.Allocated) / 1e3);
        await RestAsync(step).ConfigureAwait(false);
        return figures;
    }

    private async Task<double[]> SeenAsync(Step step, long start)
    {
        var seconds = await proxies.SeenAsync(start).ConfigureAwait(false);
        if (CanSettle && seconds.Length < proxies.Pods.Count)
        {
            faults.Add($"{step.Subject} was not seen by {proxies.Pods.Count - seconds.Length} proxies");
        }

        return seconds;
    }

    private async Task<Moment> RestartAsync(Step step)
    {
        await plane.StepAsync().ConfigureAwait(false);
        await plane.KillAsync().ConfigureAwait(false);
        if (step.Upheaval == Upheaval.RestartEmpty)
        {
            await proxies.ReconnectAsync(keep: false).ConfigureAwait(false);
        }

        await plane.StartAsync().ConfigureAwait(false);
        return new(Stopwatch.GetTimestamp());
    }

    private async Task<double[]> CompleteAsync(Step step, long start)
    {
        var atMost = step.Upheaval == Upheaval.None ? LongestStep : LongestUpheaval;
        var (seconds, missing) = await proxies.CompleteAsync(start, atMost).ConfigureAwait(false);
        faults.AddRange(missing.Select(pod => $"{pod} did not get its configuration within {atMost} s of \"{step.Kind}\""));
        return [.. seconds.Where(second => second > 0)];
    }

    private async Task SettleAsync(Step step, long revision)
    {
        var atMost = step.Renews ? LongestUpheaval : LongestStep;
        if (!CanSettle)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System).ConfigureAwait(false);
        }
        else if (!(await plane.SettleAsync(atMost, revision, step.Renews).ConfigureAwait(false)).IsSettled)
        {
            faults.Add($"\"{step.Kind}\" was not answered by everybody within {atMost} s");
        }
        else if (step.Renews)
        {
            await CalmAsync().ConfigureAwait(false);
        }
    }

    // Who has just come with another credential still asks, type by type, for what it has.
    private async Task CalmAsync()
    {
        for (long before = -1, now = 0; before != now;)
        {
            (before, now) = (now, (await proxies.CountersAsync().ConfigureAwait(false)).Responses);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System).ConfigureAwait(false);
        }
    }

    private async Task RestAsync(Step step)
    {
        if (step.Rest > TimeSpan.Zero)
        {
            var before = (await proxies.CountersAsync().ConfigureAwait(false)).Pushes;
            await Task.Delay(step.Rest, TimeProvider.System).ConfigureAwait(false);
            if ((await proxies.CountersAsync().ConfigureAwait(false)).Pushes - before is var pushes and > 0)
            {
                faults.Add($"{pushes} pushes came within {step.Rest.TotalSeconds:f0} s after \"{step.Kind}\" was settled, though nothing happened");
            }
        }
    }
}
