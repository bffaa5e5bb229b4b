using Envoy.Extensions.Filters.Network.TcpProxy.V3;

namespace OsmExt.Simulation.Upstream;

/// <summary>The clusters a TCP proxy connects to, by weight.</summary>
internal static class TcpClusterChoice
{
    public static IReadOnlyList<(string Cluster, double Weight)> Choose(TcpProxy tcp, string element)
        => Understood.Check(tcp, element).ClusterSpecifierCase == TcpProxy.ClusterSpecifierOneofCase.WeightedClusters
            ? [.. tcp.WeightedClusters.Clusters.Where(entry => entry.Weight > 0).Select(entry => (entry.Name, (double)entry.Weight))]
            : [(tcp.Cluster, 1)];
}
