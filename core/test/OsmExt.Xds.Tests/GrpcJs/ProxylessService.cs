using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;

namespace OsmExt.Xds.Tests.GrpcJs;

/// <summary>What a gRPC client without a proxy is given for a service, from its name down to addresses.</summary>
internal static class ProxylessService
{
    private static readonly ConfigSource Ads = new() { Ads = new(), ResourceApiVersion = ApiVersion.V3 };

    public static XdsResource Listener(string name) => XdsResource.Create(
        new Listener
        {
            Name = name,
            ApiListener = new()
            {
                ApiListener_ = Any.Pack(new HttpConnectionManager
                {
                    Rds = new() { ConfigSource = Ads, RouteConfigName = name },
                    HttpFilters = { new HttpFilter { Name = "router", TypedConfig = Any.Pack(new Router()) } },
                }),
            },
        },
        name);

    public static XdsResource Route(string name, string cluster) => XdsResource.Create(
        new RouteConfiguration
        {
            Name = name,
            VirtualHosts =
            {
                new VirtualHost
                {
                    Name = name,
                    Domains = { name },
                    Routes = { new Route { Match = new() { Prefix = "" }, Route_ = new() { Cluster = cluster } } },
                },
            },
        },
        name);

    public static XdsResource Cluster(string name) => XdsResource.Create(
        new Cluster
        {
            Name = name,
            Type = global::Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Eds,
            EdsClusterConfig = new() { EdsConfig = Ads },
        },
        name);

    /// <summary>A kind of cluster the client is known to refuse.</summary>
    public static XdsResource BrokenCluster(string name) => XdsResource.Create(
        new Cluster { Name = name, Type = global::Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.LogicalDns }, name);

    public static XdsResource Endpoints(string cluster, params uint[] ports) => XdsResource.Create(
        new ClusterLoadAssignment
        {
            ClusterName = cluster,
            Endpoints =
            {
                new LocalityLbEndpoints
                {
                    Locality = new(),
                    LoadBalancingWeight = 1,
                    LbEndpoints = { ports.Select(static port => new LbEndpoint { Endpoint = new() { Address = Loopback(port) } }) },
                },
            },
        },
        cluster);

    private static Address Loopback(uint port) => new() { SocketAddress = new() { Address = "127.0.0.1", PortValue = port } };
}
