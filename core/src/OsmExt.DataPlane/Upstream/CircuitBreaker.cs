using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;

namespace OsmExt.DataPlane.Upstream;

/// <summary>A cluster's limits (of default priority), and how near they are.</summary>
/// <param name="limits">As configured; null for Envoy's defaults.</param>
internal sealed class CircuitBreaker(CircuitBreakers? limits)
{
    private readonly CircuitBreakers.Types.Thresholds _limits =
        limits?.Thresholds.FirstOrDefault(threshold => threshold.Priority == RoutingPriority.Default) ?? new();

    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private long _connections;
    private long _requests;
    private long _single;
    private long _retries;

    public bool TryConnection()
    {
        if (Interlocked.Increment(ref _connections) <= (_limits.MaxConnections ?? 1024))
        {
            return true;
        }

        Interlocked.Decrement(ref _connections);
        return false;
    }

    public void ConnectionCloses() => Interlocked.Decrement(ref _connections);

    public bool TryRetry()
    {
        if (Interlocked.Increment(ref _retries) <= (_limits.MaxRetries ?? 3))
        {
            return true;
        }

        Interlocked.Decrement(ref _retries);
        return false;
    }

    public void RetryEnds() => Interlocked.Decrement(ref _retries);

    /// <summary>
    /// Begins a request. Over HTTP/1.1 each takes a connection for itself, so those beyond the limit of connections wait for another to
    /// end, as many as may.
    /// </summary>
    /// <exception cref="UpstreamException">A limit is reached.</exception>
    public async ValueTask BeginAsync(bool single, CancellationToken stop)
    {
        if (Interlocked.Increment(ref _requests) > (_limits.MaxRequests ?? 1024))
        {
            Interlocked.Decrement(ref _requests);
            throw new UpstreamException(Failure.Overflow, "the limit of requests is reached");
        }

        if (!single)
        {
            return;
        }

        TaskCompletionSource turn;
        lock (_lock)
        {
            if (_single < (_limits.MaxConnections ?? 1024))
            {
                _single++;
                return;
            }

            if (_waiting.Count >= (_limits.MaxPendingRequests ?? 1024))
            {
                Interlocked.Decrement(ref _requests);
                throw new UpstreamException(Failure.Overflow, "the limit of waiting requests is reached");
            }

            _waiting.Enqueue(turn = new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        using var given = stop.Register(() => turn.TrySetCanceled(stop));
        try
        {
            await turn.Task;
        }
        catch (OperationCanceledException)
        {
            Interlocked.Decrement(ref _requests);
            throw;
        }
    }

    public void End(bool single)
    {
        Interlocked.Decrement(ref _requests);
        if (!single)
        {
            return;
        }

        lock (_lock)
        {
            // The place goes to whoever waits longest and has not given up.
            while (_waiting.TryDequeue(out var next))
            {
                if (next.TrySetResult())
                {
                    return;
                }
            }

            _single--;
        }
    }
}
