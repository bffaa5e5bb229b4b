using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Sdk.Ir;
using UpstreamHttp = Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions;

namespace OsmExt.Compiler.Translation;

/// <summary>Clusters: one for each service a proxy may call, one for each it serves, and the mesh's own few.</summary>
internal static class Clusters
{
    private static readonly string HttpOptionsName = UpstreamHttp.Descriptor.FullName;

    // Requests keep the HTTP version the client spoke, through both proxies to the application.
    private static readonly Any KeepHttpVersion = Protos.Pack(new UpstreamHttp
    {
        UseDownstreamProtocolConfig = new() { HttpProtocolOptions = new(), Http2ProtocolOptions = new() },
    });

    public static Cluster Upstream(ScopeView view, MeshService service)
    {
        var cluster = new Cluster
        {
            Name = service.Cluster,
            Type = Cluster.Types.DiscoveryType.Eds,
            EdsClusterConfig = new() { EdsConfig = Protos.Ads },
            CircuitBreakers = Unlimited(),
            TransportSocket = TlsContexts.Upstream(view, service),
        };
        return WithHttp(cluster, service);
    }

    public static Cluster Local(MeshService service)
    {
        var cluster = Static(service.LocalCluster, "127.0.0.1", service.TargetPort);
        cluster.AltStatName = service.LocalCluster;
        cluster.CircuitBreakers = Unlimited();
        return WithHttp(cluster, service);
    }

    /// <summary>Sends a connection on to where it was going, for destinations outside the mesh.</summary>
    public static Cluster Passthrough() => new()
    {
        Name = Names.PassthroughCluster,
        Type = Cluster.Types.DiscoveryType.OriginalDst,
        LbPolicy = Cluster.Types.LbPolicy.ClusterProvided,
        CircuitBreakers = Unlimited(),
        TypedExtensionProtocolOptions = { [HttpOptionsName] = KeepHttpVersion },
    };

    /// <summary>Has no endpoints: connections sent here are closed.</summary>
    public static Cluster Blackhole() => new() { Name = Names.BlackholeCluster, Type = Cluster.Types.DiscoveryType.Static };

    /// <summary>The proxy's own admin interface, for the metrics listener.</summary>
    public static Cluster Metrics()
    {
        var cluster = Static(Names.MetricsCluster, "127.0.0.1", Ports.Admin);
        cluster.AltStatName = Names.MetricsCluster;
        return cluster;
    }

    private static Cluster WithHttp(Cluster cluster, MeshService service)
    {
        if (service.Protocol.IsHttp())
        {
            cluster.TypedExtensionProtocolOptions[HttpOptionsName] = KeepHttpVersion;
        }

        return cluster;
    }

    private static Cluster Static(string name, string address, int port) => new()
    {
        Name = name,
        Type = Cluster.Types.DiscoveryType.Static,
        LoadAssignment = new()
        {
            ClusterName = name,
            Endpoints = { new LocalityLbEndpoints { LbEndpoints = { new LbEndpoint { Endpoint = new() { Address = Protos.Address(address, port) } } } } },
        },
    };

    // Envoy's own defaults (1,024 of everything) would refuse traffic that nobody asked to limit.
    private static CircuitBreakers Unlimited() => new()
    {
        Thresholds =
        {
            new CircuitBreakers.Types.Thresholds
            {
                Priority = RoutingPriority.Default,
                MaxConnections = uint.MaxValue,
                MaxPendingRequests = uint.MaxValue,
                MaxRequests = uint.MaxValue,
                MaxRetries = uint.MaxValue,
                TrackRemaining = true,
            },
        },
    };
}
