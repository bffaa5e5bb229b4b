using Envoy.Config.Cluster.V3;
using Google.Protobuf;

namespace OsmExt.Envoy;

/// <summary>Which endpoints a client will ask for once it has a cluster.</summary>
internal static class ClusterEndpoints
{
    /// <summary>The name of the load assignment; null when it is no cluster, or one that gets its endpoints by other means.</summary>
    public static string? NameOf(IMessage message)
        => message is Cluster { ClusterDiscoveryTypeCase: Cluster.ClusterDiscoveryTypeOneofCase.Type, Type: Cluster.Types.DiscoveryType.Eds } cluster
            ? cluster.EdsClusterConfig is { ServiceName.Length: > 0 } eds ? eds.ServiceName : cluster.Name
            : null;
}
