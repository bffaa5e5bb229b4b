using System.Net;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;

namespace OsmExt.Simulation.Upstream;

/// <summary>The endpoints a cluster would use now, with their shares. All are taken to be healthy unless their set says otherwise.</summary>
internal static class EndpointChoice
{
    public static IReadOnlyList<(IPEndPoint Address, double Share)> Choose(ProxyConfiguration proxy, Cluster cluster, IPEndPoint original)
    {
        Understood.Check(cluster, $"cluster {cluster.Name}");
        switch (cluster.ClusterDiscoveryTypeCase == Cluster.ClusterDiscoveryTypeOneofCase.ClusterType
            ? (Cluster.Types.DiscoveryType)(-1) : cluster.Type)
        {
            case Cluster.Types.DiscoveryType.OriginalDst:
                return [(original, 1)];
            case Cluster.Types.DiscoveryType.Eds:
                var name = cluster.EdsClusterConfig?.ServiceName is { Length: > 0 } service ? service : cluster.Name;
                return Usable(proxy.Endpoints(name), cluster);
            case Cluster.Types.DiscoveryType.Static or Cluster.Types.DiscoveryType.StrictDns or Cluster.Types.DiscoveryType.LogicalDns:
                return Usable(cluster.LoadAssignment, cluster);
            default:
                throw new UndecidedException($"cluster {cluster.Name}", "its discovery type is not known");
        }
    }

    private static List<(IPEndPoint Address, double Share)> Usable(ClusterLoadAssignment? assignment, Cluster cluster)
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
        return [.. healthy.Select(endpoint => (Address(endpoint, cluster), Weight(endpoint) / total))];
    }

    private static bool IsHealthy(LbEndpoint endpoint)
        => endpoint.HealthStatus is HealthStatus.Unknown or HealthStatus.Healthy or HealthStatus.Degraded;

    private static double Weight(LbEndpoint endpoint) => endpoint.LoadBalancingWeight ?? 1;

    private static IPEndPoint Address(LbEndpoint endpoint, Cluster cluster)
        => endpoint.Endpoint?.Address?.SocketAddress is { } socket && IPAddress.TryParse(socket.Address, out var address)
            ? new(address, (int)socket.PortValue)
            : throw new UndecidedException($"cluster {cluster.Name}", "an endpoint is no IP address");
}
