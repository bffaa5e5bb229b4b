using OsmExt.Fleet.Options;
using OsmExt.Fleet.Plane;

namespace OsmExt.Fleet.Running;

/// <summary>The control plane's process, and the one after it when it was killed.</summary>
internal sealed class MeasuredPlane(FleetOptions options) : IAsyncDisposable
{
    private ChildProcess? _process;

    /// <summary>Where proxies connect; the same after a restart.</summary>
    public int Port { get; private set; }

    /// <summary>How many steps it has been told.</summary>
    public int History { get; private set; }

    public int ProcessId => _process!.Id;

    /// <summary>Where its log goes.</summary>
    public string Log { get; } = Path.Combine(options.State, "control-plane.log");

    /// <summary>Starts it, with everything that has happened so far.</summary>
    public async Task StartAsync()
    {
        _process = ChildProcess.Start(["control-plane", .. options.Words], Log, isMeasured: true);
        Port = (await _process.AskAsync<Started>(new("start") { Port = Port, Count = History }).ConfigureAwait(false)).Port;
    }

    public Task KillAsync() => _process!.KillAsync();

    /// <summary>Has the next step happen, and returns when.</summary>
    public async Task<Moment> StepAsync()
    {
        History++;
        return await _process!.AskAsync<Moment>(new("step")).ConfigureAwait(false);
    }

    /// <summary>From now on what the workload has beside its steps goes on.</summary>
    public Task BesideAsync(double pace) => _process!.AskAsync<Started>(new("alongside") { Pace = pace });

    /// <summary>Ends that, and says how many things have happened.</summary>
    public Task<int> AloneAsync() => _process!.AskAsync<int>(new("alone"));

    /// <param name="atMost">How long it may take, in seconds.</param>
    /// <param name="revision">How much of what was said has to be answered; 0 for everything.</param>
    /// <param name="renewed">Whether every proxy has to have come with a credential by the root that signs.</param>
    public Task<Settled> SettleAsync(double atMost, long revision = 0, bool renewed = false)
        => _process!.AskAsync<Settled>(new("settle") { Seconds = atMost, Revision = revision, Renewed = renewed });

    public Task<ServerCost> CostAsync() => _process!.AskAsync<ServerCost>(new("cost"));

    public Task<double[]> PausesAsync() => _process!.AskAsync<double[]>(new("pauses"));

    public Task<Dictionary<string, Expected>> ExpectedAsync(IEnumerable<string> pods) => _process!.AskAsync<Dictionary<string, Expected>>(new("expected") { Pods = [.. pods] });

    public Task<string[]> HoldingsAsync(string pod) => _process!.AskAsync<string[]>(new("holdings") { Pods = [pod] });

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _process, null) is { } process)
        {
            await process.DisposeAsync().ConfigureAwait(false);
        }
    }
}
