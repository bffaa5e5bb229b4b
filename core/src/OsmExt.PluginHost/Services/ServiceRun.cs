using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Services;

/// <summary>
/// Keeps one service of a plugin running: on a thread of its own to begin with, so that one that never waits holds up nobody; started again
/// after a growing pause when it fails; and asked to stop, which it has a while for.
/// </summary>
internal sealed class ServiceRun(string plugin, ServiceDeclaration declaration, Func<Type?> find, PublishedValues values, ObjectFeed feed, TimeProvider time)
{
    public static readonly TimeSpan StopTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Steady = TimeSpan.FromMinutes(5);

    private readonly LineLimit _lines = new(time);
    private volatile ServiceStatus _status = new(ServiceHealth.Unhealthy, "It has not been started yet");
    private volatile ServiceEvents? _events;
    private Task _loop = Task.CompletedTask;
    private Func<Task> _cancel = () => Task.CompletedTask;
    private long _restarts;
    private long _published;

    public ServiceDeclaration Declaration => declaration;

    public ServiceStatus Status => _status;

    public long Restarts => Interlocked.Read(ref _restarts);

    /// <summary>How often it has published something else than before.</summary>
    public long Published => Interlocked.Read(ref _published);

    public int Values => values.CountOf(declaration.Name);

    /// <summary>Whether it was started and has not been stopped yet.</summary>
    public bool IsRunning => !_loop.IsCompleted;

    /// <param name="after">Ends when the service of the version before has.</param>
    /// <param name="events">Takes what it says.</param>
    public void Start(Task after, ServiceEvents events)
    {
        _events = events;
        var stop = new CancellationTokenSource();
        _cancel = stop.CancelAsync;
        using (ExecutionContext.SuppressFlow())
        {
            _loop = Task.Run(() => KeepAsync(after, events, stop.Token));
        }
    }

    /// <summary>Ends when the service has, or when it had its time for that.</summary>
    public async Task StopAsync()
    {
        // What the service has registered with the token is its code: it gets a thread that nobody needs.
        _ = _cancel().ContinueWith(static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        await Task.WhenAny(_loop, Task.Delay(StopTime, time)).ConfigureAwait(false);
        if (IsRunning)
        {
            _events?.Logged(plugin, declaration.Name, ServiceLogLevel.Error, $"It did not stop within {StopTime.TotalSeconds} s and is left behind; its memory stays until the process ends");
        }
    }

    public void Publish(string name, ConfigValue value)
    {
        if (values.Set(declaration.Name, name, value))
        {
            Interlocked.Increment(ref _published);
            _events?.Published(plugin);
        }
    }

    public void Withdraw(string name)
    {
        if (values.Remove(declaration.Name, name))
        {
            _events?.Published(plugin);
        }
    }

    public void Reported(ServiceHealth health, string sentence) => _status = new(health, Words.Of(sentence));

    public void Log(ServiceLogLevel level, string message)
    {
        if (_lines.Takes(out var lost))
        {
            _events?.Logged(plugin, declaration.Name, Enum.IsDefined(level) ? level : ServiceLogLevel.Information, $"{Words.Of(message)}{(lost > 0 ? $" ({lost} lines before were left out)" : "")}");
        }
    }

    private async Task KeepAsync(Task after, ServiceEvents events, CancellationToken stopping)
    {
        await after.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            _status = new(ServiceHealth.Unhealthy, "It has not reported its health yet");
            var (start, context) = (time.GetTimestamp(), new ServiceContext(this, feed, time, stopping));
            var failure = await OnceAsync(context, stopping).ConfigureAwait(false);
            context.Close();
            if (stopping.IsCancellationRequested || failure is null)
            {
                _status = stopping.IsCancellationRequested ? new(ServiceHealth.Unhealthy, "It was stopped") : _status;
                return;
            }

            failures = time.GetElapsedTime(start) > Steady ? 0 : failures + 1;
            var pause = TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Clamp(failures - 1, 0, 10)));
            _status = new(ServiceHealth.Unhealthy, $"It failed and is started again {pause.TotalSeconds} s later: {failure}");
            events.Logged(plugin, declaration.Name, ServiceLogLevel.Warning, _status.Sentence);
            await Task.Delay(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Interlocked.Add(ref _restarts, stopping.IsCancellationRequested ? 0 : 1);
        }
    }

    // Only words are kept of a failure: an exception of the plugin's own type would keep its assembly in memory.
    private Task<string?> OnceAsync(ServiceContext context, CancellationToken stopping)
    {
        var over = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                var running = ((IPluginService)Activator.CreateInstance(find() ?? throw new InvalidOperationException("its code is gone"))!).RunAsync(context, stopping)
                    ?? throw new InvalidOperationException("it answered null instead of a task");
                running.ContinueWith(
                    done => over.TrySetResult(done.Exception is { } failure ? Words.Of(failure) : done.IsCanceled ? "it was cancelled, and nobody asked it to stop" : null),
                    CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
            catch (Exception failure)
            {
                over.TrySetResult(Words.Of(failure));
            }
        })
        {
            IsBackground = true, Name = $"plugin {plugin} {declaration.Name}",
        }.UnsafeStart();
        return over.Task;
    }
}

/// <summary>How a service is.</summary>
/// <param name="Health">As it says.</param>
/// <param name="Sentence">Why.</param>
internal sealed record ServiceStatus(ServiceHealth Health, string Sentence);
