using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using OsmExt.DataPlane.Listeners;
using OsmExt.Simulation.Listeners;

namespace OsmExt.DataPlane.Http;

/// <summary>The connection a request came in by, and the connection manager that serves it.</summary>
internal sealed class HttpSession(HttpConnectionManager manager, Served served, bool isHttp2)
{
    private const int AbuseFrom = 500;
    private long _requests;
    private long _takenBack;
    private readonly Lock _gate = new();
    private Action? _close;
    private bool _begun;

    public HttpConnectionManager Manager { get; } = manager;

    public Served Served { get; } = served;

    public bool IsHttp2 { get; } = isHttp2;

    /// <summary>What is known of the connection, now that its first bytes have been read.</summary>
    public ConnectionFacts Facts { get; } = served.Facts with
    {
        Connection = served.Facts.Connection with { Payload = isHttp2 ? Payload.Http2 : Payload.Http1 },
    };

    /// <summary>A request has come.</summary>
    public void Begin()
    {
        Action? close;
        lock (_gate)
        {
            (_begun, close, _close) = (true, _close, null);
        }

        close?.Invoke();
    }

    /// <summary>
    /// Closes the connection gently, but not before its first request: a client that has just connected and is told nothing would lose what
    /// it sends.
    /// </summary>
    public void CloseWhenBegun(Action close)
    {
        lock (_gate)
        {
            if (!_begun)
            {
                _close = close;
                return;
            }
        }

        close();
    }

    /// <summary>
    /// Counts a request that has ended. True when the client does little but begin requests and take them back, which costs it nothing and
    /// others much: the rule and its numbers are Envoy's.
    /// </summary>
    public bool Abuses(bool takenBack)
    {
        var taken = takenBack ? Interlocked.Increment(ref _takenBack) : Interlocked.Read(ref _takenBack);
        var all = Interlocked.Increment(ref _requests);
        return all >= AbuseFrom && taken * 2 > all;
    }
}
