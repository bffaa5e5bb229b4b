using Prometheus;

namespace OsmExt.DataPlane.Observation.Statistics;

/// <summary>The connections and requests of a connection manager in one listener.</summary>
internal sealed class HttpConnectionCounts(ListenerFamilies families, string listener, string prefix)
{
    private readonly Counter.Child _total = families.Http.Total.WithLabels(prefix);
    private readonly Gauge.Child _active = families.Http.Active.WithLabels(prefix);
    private readonly Counter.Child _tlsTotal = families.Http.TlsTotal.WithLabels(prefix);
    private readonly Gauge.Child _tlsActive = families.Http.TlsActive.WithLabels(prefix);
    private readonly Counter.Child _destroyed = families.Http.Destroyed.WithLabels(prefix);
    private readonly Counter.Child _destroyedHere = families.Http.DestroyedHere.WithLabels(prefix);
    private readonly Counter.Child _destroyedThere = families.Http.DestroyedThere.WithLabels(prefix);
    private readonly Histogram.Child _length = families.Http.Length.WithLabels(prefix);
    private readonly Counter.Child _received = families.Http.Received.WithLabels(prefix);
    private readonly Counter.Child _sent = families.Http.Sent.WithLabels(prefix);
    private readonly Gauge.Child _requestsActive = families.Http.RequestsActive.WithLabels(prefix);
    private readonly Counter.Child _completed = families.Completed.WithLabels(listener, prefix);
    private readonly Counter.Child[] _classes = families.ClassesOf(listener, prefix);
    private readonly Spoken _http1 = new(families.Http.Http1Total.WithLabels(prefix), families.Http.Http1Active.WithLabels(prefix), families.Http.Http1Requests.WithLabels(prefix));
    private readonly Spoken _http2 = new(families.Http.Http2Total.WithLabels(prefix), families.Http.Http2Active.WithLabels(prefix), families.Http.Http2Requests.WithLabels(prefix));

    /// <summary>A connection begins: before its handshake, as Envoy counts.</summary>
    public Connection Begins(bool isTls, TimeProvider time) => new(this, isTls, time);

    private sealed record Spoken(Counter.Child Total, Gauge.Child Active, Counter.Child Requests);

    /// <summary>One connection, until it is disposed of.</summary>
    internal sealed class Connection : IDisposable
    {
        private readonly HttpConnectionCounts _counts;
        private readonly bool _isTls;
        private readonly TimeProvider _time;
        private readonly long _began;
        private Spoken? _spoken;

        public Connection(HttpConnectionCounts counts, bool isTls, TimeProvider time)
        {
            (_counts, _isTls, _time, _began) = (counts, isTls, time, time.GetTimestamp());
            counts._total.Inc();
            counts._active.Inc();
            if (isTls)
            {
                counts._tlsTotal.Inc();
                counts._tlsActive.Inc();
            }
        }

        /// <summary>Whether this side ended it. What fails in its handshake ends on the other side, as in Envoy.</summary>
        public bool EndsHere { get; set; }

        /// <summary>It has said which HTTP it speaks.</summary>
        public void Speaks(bool http2)
        {
            _spoken = http2 ? _counts._http2 : _counts._http1;
            _spoken.Total.Inc();
            _spoken.Active.Inc();
        }

        public void Received(int bytes) => _counts._received.Inc(bytes);

        public void Sent(int bytes) => _counts._sent.Inc(bytes);

        public void RequestBegins()
        {
            _spoken?.Requests.Inc();
            _counts._requestsActive.Inc();
        }

        public void RequestEnds(int status)
        {
            _counts._requestsActive.Dec();
            if (status is >= 100 and < 600)
            {
                _counts._completed.Inc();
                _counts._classes[(status / 100) - 1].Inc();
            }
        }

        public void Dispose()
        {
            _counts._active.Dec();
            _counts._destroyed.Inc();
            (EndsHere ? _counts._destroyedHere : _counts._destroyedThere).Inc();
            _counts._length.Observe(_time.GetElapsedTime(_began).TotalMilliseconds);
            _spoken?.Active.Dec();
            if (_isTls)
            {
                _counts._tlsActive.Dec();
            }
        }
    }
}

/// <summary>The statistics of connection managers' connections.</summary>
internal sealed class HttpFamilies(FamilySet set)
{
    public const string Label = "envoy_http_conn_manager_prefix";

    public Counter Total { get; } = set.Counter("downstream_cx_total");

    public Gauge Active { get; } = set.Gauge("downstream_cx_active");

    public Counter TlsTotal { get; } = set.Counter("downstream_cx_ssl_total");

    public Gauge TlsActive { get; } = set.Gauge("downstream_cx_ssl_active");

    public Counter Http1Total { get; } = set.Counter("downstream_cx_http1_total");

    public Gauge Http1Active { get; } = set.Gauge("downstream_cx_http1_active");

    public Counter Http1Requests { get; } = set.Counter("downstream_rq_http1_total");

    public Counter Http2Total { get; } = set.Counter("downstream_cx_http2_total");

    public Gauge Http2Active { get; } = set.Gauge("downstream_cx_http2_active");

    public Counter Http2Requests { get; } = set.Counter("downstream_rq_http2_total");

    public Counter Destroyed { get; } = set.Counter("downstream_cx_destroy");

    public Counter DestroyedHere { get; } = set.Counter("downstream_cx_destroy_local");

    public Counter DestroyedThere { get; } = set.Counter("downstream_cx_destroy_remote");

    public Histogram Length { get; } = set.Histogram("downstream_cx_length_ms");

    public Counter Received { get; } = set.Counter("downstream_cx_rx_bytes_total");

    public Counter Sent { get; } = set.Counter("downstream_cx_tx_bytes_total");

    public Gauge RequestsActive { get; } = set.Gauge("downstream_rq_active");
}
