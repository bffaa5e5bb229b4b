using OsmExt.DataPlane.Streams;

namespace OsmExt.DataPlane.Upstream;

/// <summary>A connection to an endpoint, which counts while it is open.</summary>
internal sealed class CountedStream : WrappedStream
{
    private readonly UpstreamHost _host;
    private readonly UpstreamCluster _cluster;
    private readonly KeptConnections? _kept;
    private int _closed;

    /// <param name="inner">The connection.</param>
    /// <param name="host">Where it goes.</param>
    /// <param name="cluster">Whose limit of connections it counts for.</param>
    /// <param name="kept">With which others it is kept for further requests; null where it is not.</param>
    public CountedStream(Stream inner, UpstreamHost host, UpstreamCluster cluster, KeptConnections? kept)
        : base(inner)
    {
        (_host, _cluster, _kept) = (host, cluster, kept);
        host.Connected();
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            _kept?.Leave(this);
            _host.Disconnected();
            _cluster.Breaker.ConnectionCloses();
            _cluster.Counts?.Ended();
        }

        base.Dispose(disposing);
    }
}
