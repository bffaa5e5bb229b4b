using System.Collections.Frozen;
using Envoy.Config.Cluster.V3;
using OsmExt.Simulation;

namespace OsmExt.DataPlane.Upstream;

/// <summary>The clusters in use. Each stays as long as its configuration does, whatever else changes.</summary>
internal sealed class Clusters(TrafficOptions options) : IDisposable
{
    private volatile FrozenDictionary<string, UpstreamCluster> _inUse = FrozenDictionary<string, UpstreamCluster>.Empty;

    public IReadOnlyList<EndpointStatus> Endpoints
        => [.. _inUse.Values.OrderBy(cluster => cluster.Message.Name, StringComparer.Ordinal)
            .SelectMany(cluster => cluster.Hosts.Select(host => host.StatusIn(cluster.Message.Name)))];

    public UpstreamCluster? Find(string name) => _inUse.GetValueOrDefault(name);

    /// <summary>Brings in what a configuration has; what it does not have stays until <see cref="Commit"/>.</summary>
    public void Prepare(ProxyConfiguration proxy)
    {
        var now = new Dictionary<string, UpstreamCluster>(_inUse, StringComparer.Ordinal);
        foreach (var message in proxy.All<Cluster>())
        {
            if (now.TryGetValue(message.Name, out var known) && (ReferenceEquals(known.Message, message) || known.Message.Equals(message)))
            {
                known.Update(proxy);
            }
            else
            {
                now[message.Name] = new(message, proxy, options);
                known?.Retire();
            }
        }

        _inUse = now.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Lets go of what the configuration does not have. What has been begun is finished.</summary>
    public void Commit(ProxyConfiguration proxy)
    {
        var before = _inUse;
        _inUse = before.Where(cluster => proxy.Cluster(cluster.Key) is not null).ToFrozenDictionary(StringComparer.Ordinal);
        foreach (var (name, cluster) in before)
        {
            if (!_inUse.ContainsKey(name))
            {
                cluster.Retire();
            }
        }
    }

    public void Dispose()
    {
        foreach (var cluster in _inUse.Values)
        {
            cluster.Dispose();
        }
    }
}
