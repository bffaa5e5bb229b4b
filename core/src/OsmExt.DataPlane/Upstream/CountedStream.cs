using OsmExt.DataPlane.Streams;

namespace OsmExt.DataPlane.Upstream;

/// <summary>A connection to an endpoint, which counts while it is open.</summary>
internal sealed class CountedStream : WrappedStream
{
    private readonly UpstreamHost _host;
    private readonly UpstreamCluster _cluster;
    private int _closed;

    public CountedStream(Stream inner, UpstreamHost host, UpstreamCluster cluster, bool pooled)
        : base(inner)
    {
        (_host, _cluster) = (host, cluster);
        host.Connected(this, pooled);
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            _host.Disconnected(this);
            _cluster.Breaker.ConnectionCloses();
            _cluster.Counts?.Ended();
        }

        base.Dispose(disposing);
    }
}
