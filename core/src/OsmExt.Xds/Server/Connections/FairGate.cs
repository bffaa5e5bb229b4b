namespace OsmExt.Xds.Server.Connections;

/// <summary>
/// Lets so many in at once, and so many a second. Those who wait stand in a line for each key, and lines take turns: whoever
/// comes a thousand times waits a thousand times as long, and nobody else does.
/// </summary>
/// <param name="places">How many may be inside.</param>
/// <param name="perSecond">How many get in a second in the long run; as many may at once after a quiet time.</param>
/// <param name="clock">The clock.</param>
internal sealed class FairGate<TKey>(int places, double perSecond, TimeProvider clock) : IDisposable
    where TKey : notnull
{
    private readonly double _perSecond = perSecond;
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Queue<TaskCompletionSource>> _lines = [];
    private readonly Queue<TKey> _turns = new();
    private int _free = places;
    private double _tokens = perSecond;
    private long _countedAt = clock.GetTimestamp();
    private ITimer? _timer;

    /// <summary>Completes when the caller is inside. Everybody who got in has to <see cref="Leave"/>.</summary>
    public async Task EnterAsync(TKey key, CancellationToken cancellationToken)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (!_lines.TryGetValue(key, out var line))
            {
                _lines[key] = line = new();
                _turns.Enqueue(key);
            }

            line.Enqueue(turn);
            LetIn_NeedsLock();
        }

        await using var giveUp = cancellationToken.UnsafeRegister(static (turn, token) => ((TaskCompletionSource)turn!).TrySetCanceled(token), turn).ConfigureAwait(false);
        await turn.Task.ConfigureAwait(false);
    }

    public void Leave()
    {
        lock (_lock)
        {
            _free++;
            LetIn_NeedsLock();
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void LetIn_NeedsLock()
    {
        var now = clock.GetTimestamp();
        _tokens = Math.Min(_perSecond, _tokens + (clock.GetElapsedTime(_countedAt, now).TotalSeconds * _perSecond));
        _countedAt = now;
        while (_free > 0 && _tokens >= 1 && _turns.TryDequeue(out var key))
        {
            var line = _lines[key];
            if (line.Dequeue().TrySetResult())
            {
                (_free, _tokens) = (_free - 1, _tokens - 1);
            }

            if (line.Count > 0)
            {
                _turns.Enqueue(key);
            }
            else
            {
                _lines.Remove(key);
            }
        }

        if (_free > 0 && _turns.Count > 0)
        {
            _timer ??= clock.CreateTimer(static gate => ((FairGate<TKey>)gate!).OnTime(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(TimeSpan.FromSeconds(Math.Max(0.001, (1 - _tokens) / _perSecond)), Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTime()
    {
        lock (_lock)
        {
            LetIn_NeedsLock();
        }
    }
}
