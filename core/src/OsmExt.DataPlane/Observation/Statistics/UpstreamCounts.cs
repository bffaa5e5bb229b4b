using Prometheus;

namespace OsmExt.DataPlane.Observation.Statistics;

/// <summary>Connections to a cluster's endpoints, beyond what the endpoints count themselves.</summary>
internal sealed class UpstreamCounts(UpstreamFamilies families, string name)
{
    private readonly Counter.Child _http1 = families.Http1.WithLabels(name);
    private readonly Counter.Child _http2 = families.Http2.WithLabels(name);
    private readonly Counter.Child _destroyed = families.Destroyed.WithLabels(name);
    private readonly Counter.Child _timeouts = families.Timeouts.WithLabels(name);
    private readonly Lazy<TlsCounts> _tls = new(() => new(families.Tls, name));

    /// <summary>Handshakes; clusters without have no such statistics.</summary>
    public TlsCounts Tls => _tls.Value;

    public void Speaks(bool http2) => (http2 ? _http2 : _http1).Inc();

    public void Ended() => _destroyed.Inc();

    public void TimedOut() => _timeouts.Inc();
}

/// <summary>The statistics of connections to clusters.</summary>
internal sealed class UpstreamFamilies
{
    private readonly FamilySet _set;

    public UpstreamFamilies(StatFamilies made)
    {
        _set = new(made, "cluster", "envoy_cluster_name");
        Tls = new(_set, "cipher_suite");
        (Http1, Http2) = (_set.Counter("upstream_cx_http1_total"), _set.Counter("upstream_cx_http2_total"));
        (Destroyed, Timeouts) = (_set.Counter("upstream_cx_destroy"), _set.Counter("upstream_cx_connect_timeout"));
    }

    public TlsFamilies Tls { get; }

    public Counter Http1 { get; }

    public Counter Http2 { get; }

    public Counter Destroyed { get; }

    public Counter Timeouts { get; }

    public void Forget(string name) => _set.Forget(name);
}
