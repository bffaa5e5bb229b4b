namespace OsmExt.Xds.Snapshots;

/// <summary>One wait for a revision: the streams that have still to be sent or to answer it. Used under the lock of <see cref="Convergence"/>.</summary>
internal sealed class ConvergenceWait(long revision, TimeSpan already, long start, TimeProvider clock, IReadOnlyCollection<IScopeListener> streams)
{
    private const int NamesGiven = 10;

    private readonly HashSet<IScopeListener> _unsent = [.. streams];
    private readonly HashSet<IScopeListener> _open = [.. streams];
    private TimeSpan? _sent;
    private string? _last;

    public long Revision => revision;

    public int Streams { get; private set; } = streams.Count;

    public IEnumerable<IScopeListener> Open => _open;

    public TaskCompletionSource<Converged> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TimeSpan Elapsed => already + clock.GetElapsedTime(start);

    /// <summary>Takes in how far a stream is. Returns whether it need not be looked at any more.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="backlog">How far it is.</param>
    /// <param name="counts">Whether it counts as one that had something to answer if it need not be looked at.</param>
    public bool Take(IScopeListener stream, Backlog backlog, bool counts = true)
    {
        if (backlog.Unsent > revision && _unsent.Remove(stream) && _unsent.Count == 0)
        {
            _sent = Elapsed;
        }

        if (backlog.Owes(revision))
        {
            return false;
        }

        if (_open.Remove(stream))
        {
            (_last, Streams) = counts ? (stream.ProxyId, Streams) : (_last, Streams - 1);
        }

        CompleteIfDone();
        return true;
    }

    public void CompleteIfDone()
    {
        if (_open.Count == 0)
        {
            Completion.TrySetResult(Result());
        }
    }

    /// <summary>How far it is now.</summary>
    public Converged Result() => new(revision, Elapsed, Streams)
    {
        Sent = _sent, Last = _last, Open = _open.Count, Unanswered = [.. _open.Select(static stream => stream.ProxyId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(NamesGiven)],
    };
}
