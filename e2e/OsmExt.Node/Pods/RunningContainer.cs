using k8s.Models;
using Microsoft.Extensions.Logging;
using OsmExt.LocalRuntime.Processes;
using OsmExt.LocalRuntime.State;
using OsmExt.Node.Containers;

namespace OsmExt.Node.Pods;

/// <summary>A container over all its runs: started again as its pod says, probed while it runs.</summary>
internal sealed partial class RunningContainer(
    V1Container container, bool always, bool onFailure, Func<CancellationToken, Task<ContainerSpec>> spec, ProbeRun probes, string logs, RunJournal journal, ILogger logger, Action changed)
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly RestartBackoff _backoff = new();
    private volatile ContainerProcess? _process;
    private Task _loop = Task.CompletedTask;
    private volatile bool _started;
    private volatile bool _ready;

    public string Name => container.Name;

    public int Restarts { get; private set; }

    /// <summary>The last exit code; null before the first end.</summary>
    public int? LastExit { get; private set; }

    /// <summary>Why it cannot run, in a kubelet's words; null when it can.</summary>
    public string? Problem { get; private set; }

    public bool IsRunning => _process is { IsRunning: true };

    /// <summary>Whether its startup probe has been answered, if it has one.</summary>
    public bool IsStarted => IsRunning && _started;

    public bool IsReady => IsStarted && _ready;

    /// <summary>Whether it has ended and will not be started again.</summary>
    public bool IsDone { get; private set; }

    public void Start() => _loop = RunAsync();

    /// <summary>Waits until it is done; for what has to end before others begin.</summary>
    public Task WhenDoneAsync() => _loop;

    public async Task StopAsync(TimeSpan grace)
    {
        Log.Stopping(logger, container.Name);
        await _stopping.CancelAsync();
        if (_process is { IsRunning: true } process)
        {
            if (container.Lifecycle?.PreStop is { } hook)
            {
                await PrepareToStopAsync(hook, process, grace);
            }

            process.Terminate();
            await Task.WhenAny(process.Ended, Task.Delay(grace, TimeProvider.System));
            process.Kill();
            await process.Ended;
        }

        await _loop;
    }

    private static async Task PrepareToStopAsync(V1LifecycleHandler hook, ContainerProcess process, TimeSpan grace)
    {
        if (hook.Sleep is { } sleep)
        {
            await Task.Delay(TimeSpan.FromSeconds(Math.Min(sleep.Seconds, grace.TotalSeconds)), TimeProvider.System);
        }
        else if (hook.Exec is { } exec)
        {
            await process.ExecAsync(exec.Command, grace, default);
        }
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            var begun = TimeProvider.System.GetTimestamp();
            try
            {
                (_started, _ready) = (container.StartupProbe is null, container.ReadinessProbe is null && container.StartupProbe is null);
                _process = ContainerProcess.Start(await spec(_stopping.Token), logs, journal);
                Problem = null;
                changed();
                using var probing = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                var asked = ProbeAsync(_process, probing.Token);
                LastExit = await _process.Ended;
                await probing.CancelAsync();
                await asked;
                Log.Ended(logger, container.Name, LastExit.Value);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (Exception e) when (e is InvalidOperationException or IOException or k8s.Autorest.HttpOperationException)
            {
                Problem = e.Message;
                Log.NotStarted(logger, container.Name, e.Message);
            }

            changed();
            if (Problem is null && !always && !(onFailure && LastExit != 0))
            {
                break;
            }

            Restarts += Problem is null ? 1 : 0;
            try
            {
                await Task.Delay(_backoff.After(TimeProvider.System.GetElapsedTime(begun)), TimeProvider.System, _stopping.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        IsDone = true;
        changed();
    }

    private async Task ProbeAsync(ContainerProcess process, CancellationToken cancellation)
    {
        try
        {
            if (container.StartupProbe is { } startup)
            {
                await RepeatAsync(startup, process, good => { _started = good; return good; }, cancellation);
                changed();
            }

            await Task.WhenAll(
                container.ReadinessProbe is { } readiness
                    ? RepeatAsync(readiness, process, good => { if (_ready != good) { _ready = good; changed(); } return false; }, cancellation)
                    : Ready(),
                container.LivenessProbe is { } liveness ? RepeatAsync(liveness, process, good => { if (!good) { process.Terminate(); } return !good; }, cancellation) : Task.CompletedTask);
        }
        catch (OperationCanceledException)
        {
            // Its container has ended.
        }

        Task Ready()
        {
            _ready = true;
            changed();
            return Task.CompletedTask;
        }
    }

    // Says good after so many good answers in a row, bad after so many bad ones; ends when the listener says so.
    private async Task RepeatAsync(V1Probe probe, ContainerProcess process, Func<bool, bool> said, CancellationToken cancellation)
    {
        await Task.Delay(TimeSpan.FromSeconds(probe.InitialDelaySeconds ?? 0), TimeProvider.System, cancellation);
        for (var (good, bad, answered) = (0, 0, false); ;)
        {
            (good, bad) = await probes.AskAsync(probe, process, cancellation) ? (good + 1, 0) : (0, bad + 1);
            answered |= good > 0;
            if ((good >= (probe.SuccessThreshold ?? 1) && said(true)) || (bad >= (probe.FailureThreshold ?? 3) && said(false)))
            {
                return;
            }

            // Before the first good answer a kubelet's pace would only make tests slow.
            var pace = answered || probe == container.LivenessProbe ? probe.PeriodSeconds ?? 10 : 0.2;
            await Task.Delay(TimeSpan.FromSeconds(pace), TimeProvider.System, cancellation);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "{Container} ended with {ExitCode}")]
        public static partial void Ended(ILogger logger, string container, int exitCode);

        [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "{Container} is told to stop")]
        public static partial void Stopping(ILogger logger, string container);

        [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "{Container} cannot be started: {Reason}")]
        public static partial void NotStarted(ILogger logger, string container, string reason);
    }
}
