using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;

namespace OsmExt.DataPlane.Observation.Statistics;

/// <summary>
/// Counts connections where they begin and end, under Envoy's names: for each listener, for each connection manager and TCP proxy by its prefix, and towards each cluster.
/// Whoever is counted again and again keeps what this gives for its listener, prefix or cluster.
/// </summary>
internal sealed class ConnectionStatistics
{
    private readonly ListenerFamilies _ofListeners;
    private readonly UpstreamFamilies _ofClusters;
    private readonly ConcurrentDictionary<string, ListenerCounts> _listeners = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, UpstreamCounts> _clusters = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<Listener, ListenerCounts> _known = [];

    public ConnectionStatistics(StatFamilies families) => (_ofListeners, _ofClusters) = (new(families), new(families));

    /// <summary>The counts of a listener. Those of the same address, or the same <c>stat_prefix</c>, share them.</summary>
    public ListenerCounts Of(Listener listener)
        => _known.TryGetValue(listener, out var known) ? known : _known.GetValue(listener, found => _listeners.GetOrAdd(NameOf(found), name => new(_ofListeners, name)));

    public UpstreamCounts Of(Cluster cluster)
        => _clusters.GetOrAdd(cluster.AltStatName.Length > 0 ? cluster.AltStatName : cluster.Name, static (name, families) => new(families, name), _ofClusters);

    /// <summary>Forgets the numbers of listeners and clusters that are gone.</summary>
    /// <param name="clusters">The clusters that are there.</param>
    /// <param name="listeners">The listeners that are there.</param>
    public void Sweep(ClusterNames clusters, IEnumerable<Listener> listeners)
    {
        var kept = listeners.Select(NameOf).ToHashSet(StringComparer.Ordinal);
        foreach (var name in _listeners.Keys.Where(name => !kept.Contains(name) && _listeners[name].IsIdle))
        {
            if (_listeners.TryRemove(name, out _))
            {
                _ofListeners.Forget(name);
            }
        }

        foreach (var name in _clusters.Keys.Where(name => !clusters.IsCounted(name)))
        {
            if (_clusters.TryRemove(name, out _))
            {
                _ofClusters.Forget(name);
            }
        }
    }

    // As Envoy writes an address in a name: colons mean something there.
    private static string NameOf(Listener listener)
    {
        if (listener.StatPrefix.Length > 0)
        {
            return listener.StatPrefix;
        }

        var (address, port) = listener.Address?.SocketAddress is { } socket ? (socket.Address, socket.PortValue) : ("", 0u);
        var isIPv6 = System.Net.IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetworkV6;
        return (isIPv6 ? $"[{address}]:{port}" : $"{address}:{port}").Replace(':', '_');
    }
}
