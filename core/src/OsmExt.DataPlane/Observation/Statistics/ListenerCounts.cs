using System.Collections.Concurrent;
using System.Globalization;
using Prometheus;

namespace OsmExt.DataPlane.Observation.Statistics;

/// <summary>A listener's connections.</summary>
internal sealed class ListenerCounts(ListenerFamilies families, string name)
{
    private readonly ConcurrentDictionary<string, HttpConnectionCounts> _http = new(StringComparer.Ordinal);
    private readonly Counter.Child _total = families.Total.WithLabels(name);
    private readonly Counter.Child _destroyed = families.Destroyed.WithLabels(name);
    private readonly Gauge.Child _active = families.Active.WithLabels(name);
    private readonly Gauge.Child _inspected = families.Inspected.WithLabels(name);
    private readonly Counter.Child _inspectedTooLong = families.InspectedTooLong.WithLabels(name);
    private readonly Counter.Child _unmatched = families.Unmatched.WithLabels(name);
    private readonly Histogram.Child _length = families.Length.WithLabels(name);

    public TlsCounts Tls { get; } = new(families.Tls, name);

    public bool IsIdle => _active.Value <= 0;

    /// <summary>The requests and connections of a connection manager of this listener.</summary>
    public HttpConnectionCounts Http(string prefix) => _http.GetOrAdd(prefix, static (of, listener) => new(listener.families, listener.name, of), (families, name));

    /// <summary>A TCP proxy has got a connection.</summary>
    public void Tcp(string prefix) => families.Tcp.WithLabels(prefix).Inc();

    /// <summary>Its first bytes are looked at.</summary>
    public void Looks() => _inspected.Inc();

    /// <param name="tooLong">Whether they did not come in time.</param>
    public void Looked(bool tooLong)
    {
        _inspected.Dec();
        if (tooLong)
        {
            _inspectedTooLong.Inc();
        }
    }

    /// <summary>No filter chain is for it.</summary>
    public void Unmatched() => _unmatched.Inc();

    public void Begins()
    {
        _total.Inc();
        _active.Inc();
    }

    public void Ends(TimeSpan after)
    {
        _active.Dec();
        _destroyed.Inc();
        _length.Observe(after.TotalMilliseconds);
    }
}

/// <summary>The statistics of listeners, and of what they serve.</summary>
internal sealed class ListenerFamilies
{
    private readonly FamilySet _set;

    public ListenerFamilies(StatFamilies made)
    {
        _set = new(made, "listener", "envoy_listener_address");
        Tls = new(_set, "envoy_ssl_cipher");
        (Total, Destroyed, Active) = (_set.Counter("downstream_cx_total"), _set.Counter("downstream_cx_destroy"), _set.Gauge("downstream_cx_active"));
        (Inspected, InspectedTooLong) = (_set.Gauge("downstream_pre_cx_active"), _set.Counter("downstream_pre_cx_timeout"));
        (Unmatched, Length) = (_set.Counter("no_filter_chain_match"), _set.Histogram("downstream_cx_length_ms"));
        Completed = _set.CounterAs("http.{1}.downstream_rq_completed", "http.downstream_rq_completed", HttpFamilies.Label);
        Classes = _set.CounterAs("http.{1}.downstream_rq_{2}xx", "http.downstream_rq_xx", HttpFamilies.Label, "envoy_response_code_class");
        Http = new(new(made, "http", HttpFamilies.Label));
        Tcp = new FamilySet(made, "tcp", "envoy_tcp_prefix").Counter("downstream_cx_total");
    }

    public TlsFamilies Tls { get; }

    public HttpFamilies Http { get; }

    public Counter Total { get; }

    public Counter Destroyed { get; }

    public Gauge Active { get; }

    public Gauge Inspected { get; }

    public Counter InspectedTooLong { get; }

    public Counter Unmatched { get; }

    public Histogram Length { get; }

    public Counter Completed { get; }

    public Counter Classes { get; }

    public Counter Tcp { get; }

    public void Forget(string name) => _set.Forget(name);

    /// <summary>The counters of status codes by their first digit.</summary>
    public Counter.Child[] ClassesOf(string listener, string prefix)
        => [.. Enumerable.Range(1, 5).Select(status => Classes.WithLabels(listener, prefix, status.ToString(CultureInfo.InvariantCulture)))];
}
