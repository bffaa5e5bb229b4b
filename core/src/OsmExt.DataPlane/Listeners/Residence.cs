using Envoy.Config.Listener.V3;

namespace OsmExt.DataPlane.Listeners;

/// <summary>A connection that lives in a filter chain, from being accepted to its end.</summary>
internal sealed class Residence : IDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _ending = new();
    private int _requests;
    private volatile bool _began;

    /// <param name="listener">The listener that chose the chain.</param>
    /// <param name="chain">The chain, as it was then.</param>
    public Residence(Listener listener, FilterChain chain)
    {
        (Listener, Chain) = (listener, chain);
        (Closing, Ending) = (_closing.Token, _ending.Token);
    }

    public Listener Listener { get; }

    public FilterChain Chain { get; }

    /// <summary>It should end when it can without losing anything: a connection for requests with its next answer.</summary>
    public CancellationToken Closing { get; }

    /// <summary>It has to end now.</summary>
    public CancellationToken Ending { get; }

    /// <summary>Whether it carries requests, and none at the moment.</summary>
    public bool IsIdle => _began && Volatile.Read(ref _requests) == 0;

    /// <summary>A request begins.</summary>
    public void Begin()
    {
        Interlocked.Increment(ref _requests);
        _began = true;
    }

    /// <summary>A request has been answered.</summary>
    public void Answered() => Interlocked.Decrement(ref _requests);

    public void Close() => Cancel(_closing);

    public void End() => Cancel(_ending);

    public void Dispose()
    {
        _closing.Dispose();
        _ending.Dispose();
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (Exception failure) when (failure is AggregateException or ObjectDisposedException)
        {
            // Whoever listens has ended already, in its own way.
        }
    }
}
