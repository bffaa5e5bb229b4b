using OsmExt.Envoy;
using OsmExt.Xds.Protocol;
using Prometheus;

namespace OsmExt.Xds.Observability;

/// <summary>
/// The server's metrics. Labels take a handful of values each: variant is <c>sotw</c> or <c>delta</c>, type is one of the
/// six discovery types or <c>other</c>, case is one of <see cref="RequestCase"/>.
/// </summary>
internal sealed class XdsMetrics(IMetricFactory factory)
{
    private static readonly Dictionary<string, string> TypeLabels = new(StringComparer.Ordinal)
    {
        [TypeUrls.Cluster] = "cluster",
        [TypeUrls.Endpoint] = "endpoint",
        [TypeUrls.Listener] = "listener",
        [TypeUrls.Route] = "route",
        [TypeUrls.VirtualHost] = "virtual_host",
        [TypeUrls.Secret] = "secret",
    };

    public Gauge Streams { get; } = factory.CreateGauge("osm_xds_streams", "Discovery streams open now.", ["variant"]);

    public Counter Refused { get; } = factory.CreateCounter("osm_xds_refused_streams_total", "Streams refused, by gRPC status.", ["status"]);

    public Counter RefusedConnections { get; } = factory.CreateCounter("osm_xds_refused_connections_total", "Connections ended by a limit, by what there was too much of.", ["reason"]);

    public Counter Requests { get; } = factory.CreateCounter("osm_xds_requests_total", "Discovery requests, by what they meant.", ["type", "case"]);

    public Counter Responses { get; } = factory.CreateCounter("osm_xds_responses_total", "Discovery responses written.", ["type"]);

    public Counter ResponseBytes { get; } = factory.CreateCounter("osm_xds_response_bytes_total", "Size of the responses written.", ["type"]);

    public Counter Rejections { get; } = factory.CreateCounter("osm_xds_rejections_total", "Responses refused by clients.", ["type"]);

    public Counter WriteTimeouts { get; } = factory.CreateCounter("osm_xds_write_timeouts_total", "Streams aborted because the client did not read.");

    public Histogram GateWait { get; } = factory.CreateHistogram(
        "osm_xds_gate_wait_seconds", "Time a response waited for a free slot to be written.", Buckets(0.001, 2, 16));

    public Histogram PushLatency { get; } = factory.CreateHistogram(
        "osm_xds_push_seconds",
        "Time from a change's publication until the response that carries it was written.",
        new HistogramConfiguration { LabelNames = ["type"], Buckets = Histogram.ExponentialBuckets(0.001, 2, 16) });

    public Histogram AnswerLatency { get; } = factory.CreateHistogram(
        "osm_xds_answer_seconds",
        "Time from a response having been written until the client acknowledged or refused it.",
        new HistogramConfiguration { LabelNames = ["type"], Buckets = Histogram.ExponentialBuckets(0.001, 2, 16) });

    public static string TypeLabel(string typeUrl) => TypeLabels.GetValueOrDefault(typeUrl, "other");

    public static string VariantLabel(XdsVariant variant) => variant == XdsVariant.Delta ? "delta" : "sotw";

    public static string CaseLabel(RequestCase requestCase) => requestCase switch
    {
        RequestCase.First => "first",
        RequestCase.Ack => "ack",
        RequestCase.Nack => "nack",
        RequestCase.Stale => "stale",
        _ => "subscription",
    };

    private static HistogramConfiguration Buckets(double start, double factor, int count)
        => new() { Buckets = Histogram.ExponentialBuckets(start, factor, count) };
}
