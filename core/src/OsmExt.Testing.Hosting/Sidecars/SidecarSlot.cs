namespace OsmExt.Testing.Hosting.Sidecars;

/// <summary>Holds a pod's sidecar: none, or one that starts when it is first needed.</summary>
internal sealed class SidecarSlot : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private (object? Identity, Func<Task<ISidecar>>? Start) _wanted;
    private Task<ISidecar>? _running;

    /// <summary>The one that has been started, if it is there already.</summary>
    public ISidecar? Running => _running is { IsCompletedSuccessfully: true } running ? running.Result : null;

    /// <summary>Whether one has been asked for.</summary>
    public bool IsStarted => _running is not null;

    /// <summary>Says that there is to be a sidecar, or with null that there is none. One that proves itself as somebody else is ended.</summary>
    public async Task WantAsync(object? identity, Func<Task<ISidecar>>? start)
    {
        Task<ISidecar>? old = null;
        lock (_gate)
        {
            if (!Equals(identity, _wanted.Identity))
            {
                (old, _running) = (_running, null);
            }

            _wanted = (identity, start);
        }

        await EndAsync(old).ConfigureAwait(false);
    }

    /// <summary>The sidecar, with everything it has at first in force; null when the pod has none.</summary>
    public async ValueTask<ISidecar?> GetAsync(CancellationToken stop)
    {
        Task<ISidecar>? running;
        lock (_gate)
        {
            running = _running is { IsFaulted: true } ? null : _running;
            running = _running = running ?? _wanted.Start?.Invoke();
        }

        return running is null ? null : await running.WaitAsync(stop).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => new(WantAsync(null, null));

    private static async Task EndAsync(Task<ISidecar>? started)
    {
        if (started is not null)
        {
            await ((Task)started).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (started.IsCompletedSuccessfully)
            {
                await started.Result.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
