using System.Net;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;

namespace OsmExt.Simulation.Upstream;

/// <summary>The endpoints a cluster would use now, with their shares. All are taken to be healthy unless their set says otherwise.</summary>
internal static class EndpointChoice
{
    public static IReadOnlyList<(IPEndPoint Address, double Share)> Choose(
        ProxyConfiguration proxy, Cluster cluster, IPEndPoint original, ISimulatedNetwork network)
    {
        Understood.Check(cluster, $"cluster {cluster.Name}");
        switch (cluster.ClusterDiscoveryTypeCase == Cluster.ClusterDiscoveryTypeOneofCase.ClusterType
            ? (Cluster.Types.DiscoveryType)(-1) : cluster.Type)
        {
            case Cluster.Types.DiscoveryType.OriginalDst:
                return [(original, 1)];
            case Cluster.Types.DiscoveryType.Eds:
                return Usable(proxy.Endpoints(NameOf(cluster)), cluster, network);
            case Cluster.Types.DiscoveryType.Static or Cluster.Types.DiscoveryType.StrictDns or Cluster.Types.DiscoveryType.LogicalDns:
                return Usable(cluster.LoadAssignment, cluster, network);
            default:
                throw new UndecidedException($"cluster {cluster.Name}", "its discovery type is not known");
        }
    }

    /// <summary>The endpoints a cluster was given, by whichever way it gets them; null when none have been delivered.</summary>
    public static ClusterLoadAssignment? Given(ProxyConfiguration proxy, Cluster cluster)
        => cluster.Type == Cluster.Types.DiscoveryType.Eds ? proxy.Endpoints(NameOf(cluster)) : cluster.LoadAssignment;

    /// <summary>Whether a cluster's endpoints come from the mesh and there are none.</summary>
    public static bool IsEmpty(ProxyConfiguration proxy, Cluster cluster)
        => cluster.ClusterDiscoveryTypeCase == Cluster.ClusterDiscoveryTypeOneofCase.Type && cluster.Type == Cluster.Types.DiscoveryType.Eds
            && !(proxy.Endpoints(NameOf(cluster))?.Endpoints ?? []).Any(group => group.LbEndpoints.Count > 0);

    private static string NameOf(Cluster cluster) => cluster.EdsClusterConfig?.ServiceName is { Length: > 0 } service ? service : cluster.Name;

    private static List<(IPEndPoint Address, double Share)> Usable(ClusterLoadAssignment? assignment, Cluster cluster, ISimulatedNetwork network)
    {
        var filled = (assignment?.Endpoints ?? []).Where(group => group.LbEndpoints.Count > 0).ToArray();
        if (filled.Length == 0)
        {
            return [];
        }

        var first = filled.Min(group => group.Priority);
        var all = filled.Where(group => group.Priority == first).SelectMany(group => group.LbEndpoints).ToArray();
        var healthy = all.Where(IsHealthy).ToArray();
        if (healthy.Length < all.Length && (healthy.Length * 2 < all.Length || filled.Length > 1))
        {
            throw new UndecidedException($"cluster {cluster.Name}", "what happens when many endpoints are unhealthy is not followed");
        }

        var total = healthy.Sum(Weight);
        return [.. healthy.SelectMany(endpoint => Addresses(endpoint, cluster, network) is var addresses
            ? addresses.Select(address => (address, Weight(endpoint) / total / addresses.Length)) : [])];
    }

    private static bool IsHealthy(LbEndpoint endpoint)
        => endpoint.HealthStatus is HealthStatus.Unknown or HealthStatus.Healthy or HealthStatus.Degraded;

    private static double Weight(LbEndpoint endpoint) => endpoint.LoadBalancingWeight ?? 1;

    private static IPEndPoint[] Addresses(LbEndpoint endpoint, Cluster cluster, ISimulatedNetwork network)
    {
        if (endpoint.Endpoint?.Address?.SocketAddress is { } socket)
        {
            IPEndPoint[] found = IPAddress.TryParse(socket.Address, out var address) ? [new(address, (int)socket.PortValue)]
                : cluster.Type == Cluster.Types.DiscoveryType.Eds ? []
                : [.. network.Resolve(socket.Address, (int)socket.PortValue).Select(resolved => new IPEndPoint(resolved, (int)socket.PortValue))];
            if (found.Length > 0)
            {
                return found;
            }
        }

        throw new UndecidedException($"cluster {cluster.Name}", "an endpoint is no IP address, and nobody knows one for it");
    }
}
