using OsmExt.Xds.Server;
using Prometheus;

namespace OsmExt.ControlPlane.Observability;

/// <summary>How far proxies are behind at this moment. Read when it is asked for, so it costs nothing otherwise.</summary>
internal sealed class LagMetrics
{
    private readonly StreamRegistry _streams;
    private readonly TimeProvider _time;
    private readonly Gauge _behind;
    private readonly Gauge _oldest;
    private readonly Gauge _refusing;

    public LagMetrics(IMetricFactory factory, CollectorRegistry registry, StreamRegistry streams, TimeProvider time)
    {
        (_streams, _time) = (streams, time);
        _behind = factory.CreateGauge("osm_proxies_behind", "Proxies that have not acknowledged, or refused, the newest revision.");
        _oldest = factory.CreateGauge("osm_oldest_unacknowledged_seconds", "Age of the oldest change that a proxy has neither acknowledged nor refused; 0 when there is none.");
        _refusing = factory.CreateGauge("osm_proxies_refusing", "Proxies that refuse something of what they are to have.");
        registry.AddBeforeCollectCallback(Read);
    }

    private void Read()
    {
        var lags = _streams.Lags();
        _behind.Set(lags.Where(static lag => !lag.Backlog.IsEmpty).DistinctBy(static lag => lag.ProxyId).Count());
        _refusing.Set(lags.Where(static lag => lag.Rejections.Count > 0).DistinctBy(static lag => lag.ProxyId).Count());
        _oldest.Set(lags.Min(static lag => lag.Backlog.Since) is { } since ? _time.GetElapsedTime(since).TotalSeconds : 0);
    }
}
