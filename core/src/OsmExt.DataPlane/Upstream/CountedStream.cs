using OsmExt.DataPlane.Streams;

namespace OsmExt.DataPlane.Upstream;

/// <summary>A connection to an endpoint, which counts while it is open.</summary>
internal sealed class CountedStream : WrappedStream
{
    private readonly UpstreamHost _host;
    private readonly CircuitBreaker _breaker;
    private readonly KeptConnections? _kept;
    private int _closed;

    /// <param name="inner">The connection.</param>
    /// <param name="host">Where it goes.</param>
    /// <param name="breaker">What limits connections.</param>
    /// <param name="kept">With which others it is kept for further requests; null where it is not.</param>
    public CountedStream(Stream inner, UpstreamHost host, CircuitBreaker breaker, KeptConnections? kept)
        : base(inner)
    {
        (_host, _breaker, _kept) = (host, breaker, kept);
        host.Connected();
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            _kept?.Leave(this);
            _host.Disconnected();
            _breaker.ConnectionCloses();
        }

        base.Dispose(disposing);
    }
}
