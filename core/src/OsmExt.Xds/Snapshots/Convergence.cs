namespace OsmExt.Xds.Snapshots;

/// <summary>
/// Measures how long it takes from publishing a revision until the last proxy has answered. What a change costs here is in proportion to the
/// streams it concerns, and there is a bound to how many changes are followed at once: proxies that never answer keep no more than that in memory.
/// </summary>
internal sealed class Convergence(TimeProvider clock)
{
    private const int RememberedRevisions = 256;
    private const int MostFollowed = 256;

    private readonly Lock _lock = new();
    private readonly HashSet<IScopeListener> _listeners = [];
    private readonly Queue<long> _revisions = new();
    private readonly Dictionary<long, long> _publishedAt = [];
    private readonly HashSet<IScopeListener> _concerned = [];
    private readonly Dictionary<IScopeListener, List<ConvergenceWait>> _waits = [];
    private readonly Queue<ConvergenceWait> _followed = new();
    private TaskCompletionSource? _news;

    public void Published(long revision)
    {
        lock (_lock)
        {
            if (!_publishedAt.TryAdd(revision, clock.GetTimestamp()))
            {
                return;
            }

            _revisions.Enqueue(revision);
            if (_revisions.Count > RememberedRevisions)
            {
                _publishedAt.Remove(_revisions.Dequeue());
            }
        }
    }

    /// <summary>
    /// What was published has something for this stream. Remembered until somebody follows the revision: a proxy that answers before
    /// that counts too.
    /// </summary>
    public void Concerned(IScopeListener listener)
    {
        lock (_lock)
        {
            _concerned.Add(listener);
        }
    }

    public void Attached(IScopeListener listener)
    {
        lock (_lock)
        {
            _listeners.Add(listener);
        }

        Tell();
    }

    public void Ended(IScopeListener listener)
    {
        lock (_lock)
        {
            _listeners.Remove(listener);
            _concerned.Remove(listener);
        }

        Take(listener, Backlog.None);
        Tell();
    }

    public void Progressed(IScopeListener listener)
    {
        bool isAwaited;
        lock (_lock)
        {
            isAwaited = _waits.ContainsKey(listener);
        }

        if (isAwaited)
        {
            Take(listener, listener.Backlog);
        }

        Tell();
    }

    /// <summary>Completes when something has changed about some stream. Ask before looking how things are.</summary>
    public Task NewsAsync()
    {
        var next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref _news, next, null) ?? next).Task;
    }

    /// <summary>Waits for every stream there is, whatever it was sent for.</summary>
    public async Task<Converged> WhenAcknowledgedAsync(long revision, CancellationToken cancellationToken)
    {
        ConvergenceWait wait;
        lock (_lock)
        {
            wait = Begin_NeedsLock(revision, _listeners);
        }

        try
        {
            Look(wait, countsAnswered: false);
            return await wait.Completion.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            End(wait);
        }
    }

    /// <summary>
    /// Waits for the streams that what was published since the last call concerns. After some time, or when too many newer ones are followed, it
    /// returns how far it has come.
    /// </summary>
    public async Task<Converged> FollowAsync(long revision, TimeSpan atMost, CancellationToken cancellationToken)
    {
        ConvergenceWait wait;
        lock (_lock)
        {
            wait = Begin_NeedsLock(revision, _concerned);
            _concerned.Clear();
            _followed.Enqueue(wait);
            while (_followed.TryPeek(out var oldest) && (_followed.Count > MostFollowed || oldest.Completion.Task.IsCompleted))
            {
                _followed.Dequeue();
                oldest.Completion.TrySetResult(oldest.Result());
            }
        }

        try
        {
            Look(wait, countsAnswered: true);
            return await wait.Completion.Task.WaitAsync(atMost, clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            lock (_lock)
            {
                wait.Completion.TrySetResult(wait.Result());
            }

            return await wait.Completion.Task.ConfigureAwait(false);
        }
        finally
        {
            End(wait);
        }
    }

    private ConvergenceWait Begin_NeedsLock(long revision, HashSet<IScopeListener> streams)
    {
        var now = clock.GetTimestamp();
        var already = _publishedAt.TryGetValue(revision, out var published) ? clock.GetElapsedTime(published, now) : TimeSpan.Zero;
        var wait = new ConvergenceWait(revision, already, now, clock, [.. streams]);
        foreach (var stream in wait.Open)
        {
            if (!_waits.TryGetValue(stream, out var waits))
            {
                _waits[stream] = waits = [];
            }

            waits.Add(wait);
        }

        return wait;
    }

    // Progress made from here on is seen by Progressed, progress made before by this.
    private void Look(ConvergenceWait wait, bool countsAnswered)
    {
        IScopeListener[] open;
        lock (_lock)
        {
            open = [.. wait.Open];
            wait.CompleteIfDone();
        }

        foreach (var stream in open)
        {
            var backlog = stream.Backlog;
            lock (_lock)
            {
                if (wait.Take(stream, backlog, countsAnswered))
                {
                    Forget_NeedsLock(stream, wait);
                }
            }
        }
    }

    private void Take(IScopeListener stream, Backlog backlog)
    {
        lock (_lock)
        {
            if (_waits.TryGetValue(stream, out var waits) && waits.RemoveAll(wait => wait.Take(stream, backlog)) > 0 && waits.Count == 0)
            {
                _waits.Remove(stream);
            }
        }
    }

    private void End(ConvergenceWait wait)
    {
        lock (_lock)
        {
            foreach (var stream in wait.Open)
            {
                Forget_NeedsLock(stream, wait);
            }
        }
    }

    private void Forget_NeedsLock(IScopeListener stream, ConvergenceWait wait)
    {
        if (_waits.TryGetValue(stream, out var waits) && waits.Remove(wait) && waits.Count == 0)
        {
            _waits.Remove(stream);
        }
    }

    private void Tell()
    {
        if (Volatile.Read(ref _news) is not null)
        {
            Interlocked.Exchange(ref _news, null)?.TrySetResult();
        }
    }
}
