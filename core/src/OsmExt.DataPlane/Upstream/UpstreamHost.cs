using System.Collections.Concurrent;
using System.Net;
using Envoy.Config.Core.V3;

namespace OsmExt.DataPlane.Upstream;

/// <summary>One endpoint of a cluster, with what is known of it. It outlives changes of the cluster's endpoints.</summary>
internal sealed class UpstreamHost
{
    // Of all the cluster's endpoints; whoever puts in others holds it.
    private readonly ConcurrentDictionary<string, KeptConnections> _all;
    private volatile KeptConnections _kept;
    private long _activeConnections;
    private long _totalConnections;
    private long _failedConnections;
    private long _activeRequests;
    private long _totalRequests;
    private long _failedRequests;
    private long _succeededRequests;

    /// <param name="address">Where it is.</param>
    /// <param name="kept">The connections that its cluster keeps.</param>
    public UpstreamHost(IPEndPoint address, ConcurrentDictionary<string, KeptConnections> kept)
    {
        (Address, Name, _all) = (address, address.ToString(), kept);
        _kept = new(this, retired: false, kept);
    }

    public IPEndPoint Address { get; }

    public string Name { get; }

    /// <summary>What its set says of it now.</summary>
    public EndpointFacts Facts { get; set; } = EndpointFacts.None;

    /// <summary>What outlier detection has seen of it.</summary>
    public OutlierRecord Outliers { get; } = new();

    /// <summary>Whether active health checks find it unhealthy.</summary>
    public bool FailedActiveCheck { get; set; }

    public long ActiveConnections => Interlocked.Read(ref _activeConnections);

    public long ActiveRequests => Interlocked.Read(ref _activeRequests);

    public bool IsUsable => !Facts.FailedEds && !Outliers.IsEjected && !FailedActiveCheck;

    /// <summary>When it was taken from the cluster's endpoints; null while it is one of them.</summary>
    public long? RetiredAt { get; private set; }

    public void Connected()
    {
        Interlocked.Increment(ref _activeConnections);
        Interlocked.Increment(ref _totalConnections);
    }

    public void Disconnected() => Interlocked.Decrement(ref _activeConnections);

    public void CouldNotConnect()
    {
        Interlocked.Increment(ref _totalConnections);
        Interlocked.Increment(ref _failedConnections);
    }

    /// <summary>It is no longer among the cluster's endpoints: what is idle is closed now, the rest when the last request is through.</summary>
    public void Retire(TimeProvider time)
    {
        lock (_all)
        {
            RetiredAt ??= time.GetTimestamp();
            _kept.Retire();
        }
    }

    /// <summary>It is among the cluster's endpoints again.</summary>
    public void Return()
    {
        lock (_all)
        {
            RetiredAt = null;
            if (!_kept.TryReturn())
            {
                _kept = new(this, retired: false, _all);
            }
        }
    }

    /// <summary>A request begins.</summary>
    /// <returns>Whose connections it goes by; to be handed back when it ends.</returns>
    public KeptConnections RequestBegins()
    {
        Interlocked.Increment(ref _activeRequests);
        Interlocked.Increment(ref _totalRequests);
        return Keep();
    }

    public void RequestEnds(KeptConnections kept, bool succeeded)
    {
        Interlocked.Decrement(ref _activeRequests);
        Interlocked.Increment(ref succeeded ? ref _succeededRequests : ref _failedRequests);
        kept.End();
    }

    /// <summary>A request that does not count begins, such as a probe.</summary>
    public KeptConnections Keep()
    {
        while (true)
        {
            var kept = _kept;
            if (kept.TryBegin())
            {
                return kept;
            }

            // Whoever chose the endpoint a moment before it went is late, and gets connections for itself.
            lock (_all)
            {
                _kept = ReferenceEquals(_kept, kept) ? new(this, RetiredAt is not null, _all) : _kept;
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
