using System.Collections.Immutable;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>What other replicas have said last. Empty where there are none.</summary>
internal sealed class ReplicaBoard(TimeProvider time)
{
    private readonly Lock _lock = new();
    private volatile ImmutableDictionary<string, ReplicaReport> _reports = ImmutableDictionary.Create<string, ReplicaReport>(StringComparer.Ordinal);
    private long? _lostAt;

    /// <summary>By replica.</summary>
    public ImmutableDictionary<string, ReplicaReport> Reports => _reports;

    /// <summary>How long ago a replica was last heard no more; null when none ever was. Its proxies are on their way to others.</summary>
    public TimeSpan? SinceLoss
    {
        get
        {
            lock (_lock)
            {
                return _lostAt is { } at ? time.GetElapsedTime(at) : null;
            }
        }
    }

    public void Set(ImmutableDictionary<string, ReplicaReport> reports)
    {
        lock (_lock)
        {
            _lostAt = _reports.Keys.Any(replica => !reports.ContainsKey(replica)) ? time.GetTimestamp() : _lostAt;
            _reports = reports;
        }
    }
}
