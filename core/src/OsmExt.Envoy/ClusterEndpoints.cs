using Envoy.Config.Cluster.V3;
using OsmExt.Envoy;

namespace OsmExt.Xds.Protocol;

/// <summary>Which endpoints a client will ask for once it has a cluster.</summary>
internal static class ClusterEndpoints
{
    /// <summary>The name of the load assignment; null when the cluster gets its endpoints by other means.</summary>
    public static string? NameOf(XdsResource resource)
        => resource.Message is Cluster { ClusterDiscoveryTypeCase: Cluster.ClusterDiscoveryTypeOneofCase.Type, Type: Cluster.Types.DiscoveryType.Eds } cluster
            ? cluster.EdsClusterConfig is { ServiceName.Length: > 0 } eds ? eds.ServiceName : cluster.Name
            : null;
}
