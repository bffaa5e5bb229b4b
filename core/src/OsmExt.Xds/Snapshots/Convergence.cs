namespace OsmExt.Xds.Snapshots;

/// <summary>Measures how long it takes from publishing a revision until the last proxy has answered.</summary>
internal sealed class Convergence(TimeProvider clock)
{
    private const int RememberedRevisions = 256;

    private readonly Lock _lock = new();
    private readonly HashSet<IScopeListener> _listeners = [];
    private readonly Queue<long> _revisions = new();
    private readonly Dictionary<long, long> _publishedAt = [];
    private readonly List<Wait> _waits = [];
    private readonly HashSet<IScopeListener> _concerned = [];
    private long _newest;
    private volatile int _waiting;

    public void Published(long revision)
    {
        lock (_lock)
        {
            if (!_publishedAt.TryAdd(revision, clock.GetTimestamp()))
            {
                return;
            }

            _concerned.Clear();
            _newest = revision;
            _revisions.Enqueue(revision);
            if (_revisions.Count > RememberedRevisions)
            {
                _publishedAt.Remove(_revisions.Dequeue());
            }
        }
    }

    /// <summary>
    /// The revision has something for this stream. Remembered for the newest revision, until somebody waits for it: a proxy that
    /// answers before the wait begins counts too.
    /// </summary>
    public void Concerned(long revision, IScopeListener listener)
    {
        lock (_lock)
        {
            if (revision == _newest)
            {
                _concerned.Add(listener);
            }
        }
    }

    public void Attached(IScopeListener listener)
    {
        lock (_lock)
        {
            _listeners.Add(listener);
        }
    }

    public void Ended(IScopeListener listener)
    {
        lock (_lock)
        {
            _listeners.Remove(listener);
            _concerned.Remove(listener);
        }

        Release(listener, always: true);
    }

    public void Progressed(IScopeListener listener)
    {
        if (_waiting > 0)
        {
            Release(listener, always: false);
        }
    }

    public async Task<Converged> WhenAcknowledgedAsync(long revision, CancellationToken cancellationToken)
    {
        Wait wait;
        lock (_lock)
        {
            var start = _publishedAt.TryGetValue(revision, out var published) ? published : clock.GetTimestamp();
            HashSet<IScopeListener> concerned = revision == _newest ? [.. _concerned] : [];
            _concerned.ExceptWith(concerned);
            wait = new(revision, start, [.. _listeners.Union(concerned)], concerned);
            _waits.Add(wait);
            _waiting = _waits.Count;
        }

        // Progress made from here on is seen by Release, progress made before it by this loop.
        foreach (var listener in wait.Everyone.Where(l => !l.Owes(revision)))
        {
            Settle(wait, listener, owed: wait.Concerned.Contains(listener));
        }

        Settle(wait, null, owed: false);
        try
        {
            return await wait.Completion.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _waits.Remove(wait);
                _waiting = _waits.Count;
            }
        }
    }

    private void Release(IScopeListener listener, bool always)
    {
        Wait[] waits;
        lock (_lock)
        {
            waits = [.. _waits];
        }

        foreach (var wait in waits.Where(w => always || !listener.Owes(w.Revision)))
        {
            Settle(wait, listener, owed: true);
        }
    }

    private void Settle(Wait wait, IScopeListener? listener, bool owed)
    {
        lock (_lock)
        {
            if (listener is not null && wait.Open.Remove(listener) && owed)
            {
                wait.Streams++;
            }

            if (wait.Open.Count == 0)
            {
                wait.Completion.TrySetResult(new(wait.Revision, clock.GetElapsedTime(wait.Start), wait.Streams));
            }
        }
    }

    private sealed class Wait(long revision, long start, IReadOnlyList<IScopeListener> everyone, IReadOnlySet<IScopeListener> concerned)
    {
        public long Revision => revision;

        public long Start => start;

        public IReadOnlyList<IScopeListener> Everyone => everyone;

        /// <summary>Those that had something to answer, whether or not they have by now.</summary>
        public IReadOnlySet<IScopeListener> Concerned => concerned;

        public HashSet<IScopeListener> Open { get; } = [.. everyone];

        public int Streams { get; set; }

        public TaskCompletionSource<Converged> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
