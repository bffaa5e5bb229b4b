using System.Collections.Concurrent;
using Prometheus;

namespace OsmExt.DataPlane.Observation.Statistics;

/// <summary>
/// Counts requests and connections when they end, by the listener's and by the cluster's side. Counting one that was seen before makes
/// nothing new: what belongs to a cluster or a prefix is looked up once, by its name.
/// </summary>
internal sealed class StreamStatistics
{
    private const string Cluster = "envoy_cluster_name";
    private const string Prefix = "envoy_http_conn_manager_prefix";
    private const string Class = "envoy_response_code_class";

    private readonly Families _families;
    private readonly ConcurrentDictionary<string, ClusterCounts> _clusters = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, HttpCounts> _http = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TcpCounts> _tcp = new(StringComparer.Ordinal);

    private readonly ClusterNames _names;

    public StreamStatistics(StatFamilies families, ClusterNames names) => (_families, _names) = (new(families), names);

    public void Count(StreamRecord stream)
    {
        if (stream.IsRequest)
        {
            _http.GetOrAdd(stream.StatPrefix, static (prefix, families) => new(families, prefix), _families).Count(stream);
        }
        else if (stream.StatPrefix.Length > 0)
        {
            _tcp.GetOrAdd(stream.StatPrefix, static (prefix, families) => new(families, prefix), _families).Count(stream);
        }

        if (stream.UpstreamCluster.Length > 0)
        {
            _clusters.GetOrAdd(_names.Of(stream.UpstreamCluster), static (name, families) => new(families, name), _families).Count(stream);
        }
    }

    /// <summary>Forgets the numbers of clusters that are gone.</summary>
    public void Sweep()
    {
        foreach (var name in _clusters.Keys.Where(name => !_names.IsCounted(name)))
        {
            if (_clusters.TryRemove(name, out var counts))
            {
                counts.Remove(_families);
            }
        }
    }

    private sealed class Families(StatFamilies made)
    {
        public Counter HttpTotal { get; } = made.Counter("http.{0}.downstream_rq_total", "http_downstream_rq_total", Prefix);

        public Counter HttpCompleted { get; } = made.Counter("http.{0}.downstream_rq_completed", "http_downstream_rq_completed", Prefix);

        public Counter HttpClass { get; } = made.Counter("http.{0}.downstream_rq_{1}xx", "http_downstream_rq_xx", Prefix, Class);

        public Histogram HttpTime { get; } = made.Histogram("http_downstream_rq_time", Prefix);

        public Counter RbacAllowed { get; } = made.Counter("http.{0}.rbac.allowed", "http_rbac_allowed", Prefix);

        public Counter RbacDenied { get; } = made.Counter("http.{0}.rbac.denied", "http_rbac_denied", Prefix);

        public Counter TcpReceived { get; } = made.Counter("tcp.{0}.downstream_cx_rx_bytes_total", "tcp_downstream_cx_rx_bytes_total", "envoy_tcp_prefix");

        public Counter TcpSent { get; } = made.Counter("tcp.{0}.downstream_cx_tx_bytes_total", "tcp_downstream_cx_tx_bytes_total", "envoy_tcp_prefix");

        public Counter ClusterTotal { get; } = made.Counter("cluster.{0}.upstream_rq_total", "cluster_upstream_rq_total", Cluster);

        public Counter ClusterCompleted { get; } = made.Counter("cluster.{0}.upstream_rq_completed", "cluster_upstream_rq_completed", Cluster);

        public Counter ClusterClass { get; } = made.Counter("cluster.{0}.upstream_rq_{1}xx", "cluster_upstream_rq_xx", Cluster, Class);

        public Counter ClusterCode { get; } = made.Counter("cluster.{0}.upstream_rq_{1}", "cluster_upstream_rq", Cluster, "envoy_response_code");

        public Counter ClusterRetry { get; } = made.Counter("cluster.{0}.upstream_rq_retry", "cluster_upstream_rq_retry", Cluster);

        public Counter ClusterTimeout { get; } = made.Counter("cluster.{0}.upstream_rq_timeout", "cluster_upstream_rq_timeout", Cluster);

        public Histogram ClusterTime { get; } = made.Histogram("cluster_upstream_rq_time", Cluster);
    }

    private sealed class HttpCounts(Families families, string prefix)
    {
        private readonly Counter.Child _total = families.HttpTotal.WithLabels(prefix);
        private readonly Counter.Child _completed = families.HttpCompleted.WithLabels(prefix);
        private readonly Counter.Child[] _classes = Classes(families.HttpClass, prefix);
        private readonly Counter.Child _allowed = families.RbacAllowed.WithLabels(prefix);
        private readonly Counter.Child _denied = families.RbacDenied.WithLabels(prefix);
        private readonly Histogram.Child _time = families.HttpTime.WithLabels(prefix);

        public void Count(StreamRecord stream)
        {
            _total.Inc();
            _time.Observe(stream.Duration.TotalMilliseconds);
            if (stream.ResponseCode is { } code and >= 100 and < 600)
            {
                _completed.Inc();
                _classes[(code / 100) - 1].Inc();
            }

            if (stream.RbacAllowed is { } allowed)
            {
                (allowed ? _allowed : _denied).Inc();
            }
        }
    }

    private sealed class TcpCounts(Families families, string prefix)
    {
        private readonly Counter.Child _received = families.TcpReceived.WithLabels(prefix);
        private readonly Counter.Child _sent = families.TcpSent.WithLabels(prefix);

        public void Count(StreamRecord stream)
        {
            _received.Inc(stream.BytesReceived);
            _sent.Inc(stream.BytesSent);
        }
    }

    private sealed class ClusterCounts(Families families, string cluster)
    {
        private readonly Counter.Child _total = families.ClusterTotal.WithLabels(cluster);
        private readonly Counter.Child _completed = families.ClusterCompleted.WithLabels(cluster);
        private readonly Counter.Child[] _classes = Classes(families.ClusterClass, cluster);
        private readonly ConcurrentDictionary<int, Counter.Child> _codes = new();
        private readonly Counter.Child _retry = families.ClusterRetry.WithLabels(cluster);
        private readonly Counter.Child _timeout = families.ClusterTimeout.WithLabels(cluster);
        private readonly Histogram.Child _time = families.ClusterTime.WithLabels(cluster);

        public void Count(StreamRecord stream)
        {
            // A connection that is passed on is one request to its cluster, as in Envoy; what no endpoint was asked for is none.
            if (!stream.IsRequest || stream.UpstreamAttempts > 0)
            {
                _total.Inc(Math.Max(1, stream.UpstreamAttempts));
            }

            if (stream.UpstreamAttempts > 1)
            {
                _retry.Inc(stream.UpstreamAttempts - 1);
            }

            if (stream.ResponseFlags.Contains("UT"))
            {
                _timeout.Inc();
            }

            if (stream.IsRequest && stream.ResponseCode is { } code and >= 100 and < 600)
            {
                _completed.Inc();
                _classes[(code / 100) - 1].Inc();
                _codes.GetOrAdd(code, static (status, counts) => counts.families.ClusterCode.WithLabels(counts.cluster, Number(status)), (families, cluster)).Inc();
                _time.Observe(stream.Duration.TotalMilliseconds);
            }
        }

        public void Remove(Families from)
        {
            foreach (var counter in new[] { from.ClusterTotal, from.ClusterCompleted, from.ClusterRetry, from.ClusterTimeout })
            {
                counter.RemoveLabelled(cluster);
            }

            for (var status = 1; status <= 5; status++)
            {
                from.ClusterClass.RemoveLabelled(cluster, Number(status));
            }

            foreach (var code in _codes.Keys)
            {
                from.ClusterCode.RemoveLabelled(cluster, Number(code));
            }

            from.ClusterTime.RemoveLabelled(cluster);
        }
    }

    private static Counter.Child[] Classes(Counter counter, string of) => [.. Enumerable.Range(1, 5).Select(status => counter.WithLabels(of, Number(status)))];

    private static string Number(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
