using System.Collections.Concurrent;
using System.Net;
using Envoy.Config.Core.V3;

namespace OsmExt.DataPlane.Upstream;

/// <summary>One endpoint of a cluster, with what is known of it. It outlives changes of the cluster's endpoints.</summary>
/// <param name="address">Where it is.</param>
internal sealed class UpstreamHost(IPEndPoint address)
{
    private readonly ConcurrentDictionary<Stream, byte> _connections = [];
    private volatile bool _retired;
    private long _activeConnections;
    private long _totalConnections;
    private long _failedConnections;
    private long _activeRequests;
    private long _totalRequests;
    private long _failedRequests;
    private long _succeededRequests;

    public IPEndPoint Address { get; } = address;

    /// <summary>Where requests for it go, as URIs begin.</summary>
    public string Prefix { get; } = $"http://{address}/";

    public string Name { get; } = address.ToString();

    /// <summary>What its set says of it now.</summary>
    public EndpointFacts Facts { get; set; } = EndpointFacts.None;

    /// <summary>What outlier detection has seen of it.</summary>
    public OutlierRecord Outliers { get; } = new();

    /// <summary>Whether active health checks find it unhealthy.</summary>
    public bool FailedActiveCheck { get; set; }

    public long ActiveConnections => Interlocked.Read(ref _activeConnections);

    public long ActiveRequests => Interlocked.Read(ref _activeRequests);

    public bool IsUsable => !Facts.FailedEds && !Outliers.IsEjected && !FailedActiveCheck;

    /// <param name="connection">The connection.</param>
    /// <param name="pooled">Whether it is kept for further requests, so that it is idle between them.</param>
    public void Connected(Stream connection, bool pooled)
    {
        if (pooled)
        {
            _connections.TryAdd(connection, 0);
        }

        Interlocked.Increment(ref _activeConnections);
        Interlocked.Increment(ref _totalConnections);
    }

    public void Disconnected(Stream connection)
    {
        _connections.TryRemove(connection, out _);
        Interlocked.Decrement(ref _activeConnections);
    }

    /// <summary>When it was taken from the cluster's endpoints; null while it is one of them.</summary>
    public long? RetiredAt { get; private set; }

    /// <summary>It is no longer among the cluster's endpoints: what is idle is closed now, the rest when the last request is through.</summary>
    public void Retire(TimeProvider time)
    {
        lock (_connections)
        {
            _retired = true;
            RetiredAt ??= time.GetTimestamp();
        }

        CloseWhenIdle();
    }

    /// <summary>It is among the cluster's endpoints again.</summary>
    public void Return()
    {
        lock (_connections)
        {
            _retired = false;
            RetiredAt = null;
        }
    }

    public void CouldNotConnect()
    {
        Interlocked.Increment(ref _totalConnections);
        Interlocked.Increment(ref _failedConnections);
    }

    public void RequestBegins()
    {
        Interlocked.Increment(ref _activeRequests);
        Interlocked.Increment(ref _totalRequests);
        if (_retired)
        {
            lock (_connections)
            {
                // Idle connections that are just being closed are closed by now, so none is taken that is about to be.
            }
        }
    }

    public void RequestEnds(bool succeeded)
    {
        Interlocked.Decrement(ref _activeRequests);
        Interlocked.Increment(ref succeeded ? ref _succeededRequests : ref _failedRequests);
        if (_retired)
        {
            CloseWhenIdle();
        }
    }

    private void CloseWhenIdle()
    {
        lock (_connections)
        {
            if (!_retired || ActiveRequests > 0)
            {
                return;
            }

            foreach (var connection in _connections.Keys)
            {
                connection.Dispose();
            }
        }
    }

    public EndpointStatus StatusIn(string cluster) => new(cluster, Address)
    {
        Hostname = Facts.Hostname,
        Weight = Facts.Weight,
        Priority = Facts.Priority,
        Locality = (Facts.Locality.Region, Facts.Locality.Zone, Facts.Locality.SubZone),
        FailedEds = Facts.FailedEds,
        Ejected = Outliers.IsEjected,
        ActiveConnections = ActiveConnections,
        TotalConnections = Interlocked.Read(ref _totalConnections),
        FailedConnections = Interlocked.Read(ref _failedConnections),
        ActiveRequests = ActiveRequests,
        TotalRequests = Interlocked.Read(ref _totalRequests),
        FailedRequests = Interlocked.Read(ref _failedRequests),
        SucceededRequests = Interlocked.Read(ref _succeededRequests),
    };
}

/// <summary>What a set of endpoints says of one.</summary>
internal sealed record EndpointFacts(uint Weight, uint Priority, Locality Locality, bool FailedEds, string Hostname, Metadata? Metadata)
{
    public static EndpointFacts None { get; } = new(1, 0, new(), false, "", null);
}
