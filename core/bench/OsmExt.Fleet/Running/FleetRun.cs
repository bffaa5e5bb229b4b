using System.Diagnostics;
using OsmExt.Fleet.Floor;
using OsmExt.Fleet.Meshes;
using OsmExt.Fleet.Options;
using OsmExt.Fleet.Plane;
using OsmExt.Fleet.Proxies;
using OsmExt.Fleet.Reports;

namespace OsmExt.Fleet.Running;

/// <summary>
/// One run of a workload, from the start of its processes to the report: proxies connect, code is warmed up, then come steps, each measured; then nothing happens for a while;
/// at last everybody's configuration is compared, and the floor is measured.
/// </summary>
internal sealed class FleetRun : IAsyncDisposable
{
    private const double LongestStart = 180;

    // What a collector that has not run lately may make of a steady state.
    private const double AllowedGrowth = 60;

    private readonly FleetOptions _options;
    private readonly Workload _workload;
    private readonly MeasuredPlane _plane;
    private readonly ProxyProcesses _proxies;
    private readonly List<Stage> _stages = [];
    private readonly List<string> _faults = [];
    private ProcessSampler? _sampler;

    private FleetRun(FleetOptions options)
    {
        _options = options;
        _workload = Workload.Create(options);
        _plane = new(options);
        _proxies = new(options);
    }

    /// <summary>Runs and reports; the exit code says whether everything was as it should be.</summary>
    public static async Task<int> RunAsync(FleetOptions given)
    {
        var folder = Directory.CreateTempSubdirectory("osm-fleet-");
        try
        {
            var options = given with { State = folder.FullName };
            var reports = options.Workload == "flat" ? await FlatRuns.RunAsync(options).ConfigureAwait(false) : [await ReportAsync(options).ConfigureAwait(false)];
            foreach (var report in reports)
            {
                var files = ReportFiles.Write(report, options.Output);
                Console.Out.WriteLine($"{TableReport.Of(report)}\n\nIn full: {string.Join(", ", files)}\n");
            }

            if (reports.Count > 1)
            {
                Console.Out.WriteLine(FlatRuns.Table(reports));
            }

            return reports.All(report => report.Faults.Count == 0) ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Runs and says what was found.</summary>
    public static async Task<RunReport> ReportAsync(FleetOptions options)
    {
        options = options.Resolve();
        Directory.CreateDirectory(options.State);
        await using var run = new FleetRun(options);
        var report = await run.MeasureAsync().ConfigureAwait(false);
        await run._plane.DisposeAsync().ConfigureAwait(false);
        report = report with { Faults = [.. report.Faults, .. LogReview.Errors(run._plane.Log)] };
        // A proxy more or less costs more than a push, so only endpoints are compared with it.
        var kind = report.Kinds.Where(kind => kind.Kind.StartsWith("endpoint", StringComparison.Ordinal)).MaxBy(kind => kind.Proxies);
        return options.Floor > 0 && kind is not null ? report with { Floor = await run.FloorAsync(kind).ConfigureAwait(false) } : report;
    }

    public async ValueTask DisposeAsync()
    {
        if (_sampler is not null)
        {
            await _sampler.StopAsync().ConfigureAwait(false);
            _sampler.Dispose();
        }

        await _proxies.DisposeAsync().ConfigureAwait(false);
        await _plane.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<RunReport> MeasureAsync()
    {
        Say($"{_options.Workload}: {_options.Proxies} proxies");
        var objects = _workload.Start();
        await _plane.StartAsync().ConfigureAwait(false);
        _sampler = new ProcessSampler(() => _plane.ProcessId);
        await ConnectAsync(_workload.Proxies(objects)).ConfigureAwait(false);
        var steps = new StepSequence(_options, _workload, _plane, _proxies, _sampler, _faults);
        await steps.WarmUpAsync().ConfigureAwait(false);
        Say("steps");
        var (before, clients) = (await _plane.CostAsync().ConfigureAwait(false), await _proxies.CountersAsync().ConfigureAwait(false));
        var measured = await steps.RunAsync().ConfigureAwait(false);
        var steady = await SteadyAsync(before, clients).ConfigureAwait(false);
        var idle = await IdleAsync().ConfigureAwait(false);
        Say("comparison");
        var comparison = await ComparisonAsync().ConfigureAwait(false);
        await _sampler.StopAsync().ConfigureAwait(false);
        return new()
        {
            Workload = _options.Workload,
            Title = _workload.Title,
            Command = $"make bench {string.Join(' ', _options.Given)}",
            Machine = Machine.Describe(),
            Date = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture),
            Stages = _stages,
            Idle = idle,
            Steps = measured,
            Kinds = steps.Kinds(measured),
            Alongside = steps.Alongside,
            Steady = steady,
            Comparison = comparison,
            Samples = _sampler.Samples,
            Faults = _faults,
        };
    }

    private async Task ConnectAsync(IReadOnlyList<PodName> pods)
    {
        var stages = pods.Count < _workload.Stages ? 1 : _workload.Stages;
        for (var (stage, connected) = (1, 0); stage <= stages; stage++)
        {
            var until = pods.Count * stage / stages;
            var (cost, bytes) = (await _plane.CostAsync().ConfigureAwait(false), (await _proxies.CountersAsync().ConfigureAwait(false)).Bytes);
            var start = Stopwatch.GetTimestamp();
            await _proxies.ConnectAsync(pods.Take(until).Skip(connected), _plane.Port).ConfigureAwait(false);
            var (seconds, missing) = await _proxies.CompleteAsync(start, LongestStart).ConfigureAwait(false);
            _faults.AddRange(missing.Select(pod => $"{pod} did not get its configuration within {LongestStart} s of connecting"));
            await _plane.SettleAsync(30).ConfigureAwait(false);
            var after = await _plane.CostAsync().ConfigureAwait(false);
            _stages.Add(new(until, Distribution.Of(seconds.Where(second => second > 0).Select(second => second * 1000)), after.CpuSeconds - cost.CpuSeconds,
                ProcessSampler.Megabytes(_plane.ProcessId), (await _proxies.CountersAsync().ConfigureAwait(false)).Bytes - bytes));
            Say($"{until} proxies have everything after {_stages[^1].Complete.Max / 1000:f1} s, {_stages[^1].Megabytes:f0} MB");
            connected = until;
        }
    }

    private async Task<IdleSpell?> IdleAsync()
    {
        if (_options.Idle <= 0)
        {
            return null;
        }

        // Longer than anything is put off for.
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System).ConfigureAwait(false);
        Say("idle");
        var (cost, counters) = (await _plane.CostAsync().ConfigureAwait(false), await _proxies.CountersAsync().ConfigureAwait(false));
        await Task.Delay(TimeSpan.FromSeconds(_options.Idle), TimeProvider.System).ConfigureAwait(false);
        var (after, then) = (await _plane.CostAsync().ConfigureAwait(false), await _proxies.CountersAsync().ConfigureAwait(false));
        var seconds = Stopwatch.GetElapsedTime(cost.At, after.At).TotalSeconds;
        return new(seconds, then.Pushes - counters.Pushes, then.Secrets - counters.Secrets, (after.CpuSeconds - cost.CpuSeconds) / seconds, (after.Allocated - cost.Allocated) / seconds / 1e6);
    }

    private async Task<Steady> SteadyAsync(ServerCost before, ClientCounters clients)
    {
        var (after, then) = (await _plane.CostAsync().ConfigureAwait(false), await _proxies.CountersAsync().ConfigureAwait(false));
        var seconds = Stopwatch.GetElapsedTime(before.At, after.At).TotalSeconds;
        // A control plane that was killed has begun anew.
        var since = after.CpuSeconds < before.CpuSeconds || after.Allocated < before.Allocated ? before with { CpuSeconds = 0, Allocated = 0 } : before;
        return new(seconds, (after.CpuSeconds - since.CpuSeconds) / seconds, (after.Allocated - since.Allocated) / seconds / 1e6,
            _sampler!.Samples.Select(sample => sample.Megabytes).DefaultIfEmpty().Max(), ProcessSampler.Megabytes(_plane.ProcessId), after.Heap / 1e6,
            Distribution.Of(await _plane.PausesAsync().ConfigureAwait(false)), (then.CpuSeconds - clients.CpuSeconds) / seconds, Growth());
    }

    private double? Growth()
    {
        var growth = _sampler!.Samples is { Length: > 0 } samples ? MemoryTrend.Of(samples) : null;
        if (_workload.IsFlat && growth > AllowedGrowth)
        {
            _faults.Add($"resident memory grew by {growth:f0} MB in the last third of the process's life");
        }

        return growth;
    }

    private async Task<Comparison> ComparisonAsync()
    {
        await _proxies.CalmAsync().ConfigureAwait(false);
        await _proxies.CompleteAsync(0, LongestStart).ConfigureAwait(false);
        await _plane.SettleAsync(LongestStart, renewed: true).ConfigureAwait(false);
        _faults.AddRange((await _proxies.CountersAsync().ConfigureAwait(false)).Ends.Keys.Where(end => end.StartsWith(FleetContext.Fault, StringComparison.Ordinal)));
        return await FinalComparison.OfAsync(_plane, _proxies, _faults).ConfigureAwait(false);
    }

    private async Task<Reports.Floor> FloorAsync(KindFigures kind)
    {
        Say("floor");
        await _proxies.DisconnectAllAsync().ConfigureAwait(false);
        return await FloorMeasurement.OfAsync(_options, kind, _proxies).ConfigureAwait(false);
    }

    // To standard error: standard output is for the table.
    private static void Say(string what) => Console.Error.WriteLine($"fleet: {what}");
}
