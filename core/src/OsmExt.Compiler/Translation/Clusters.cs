using System.Net;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;
using UpstreamHttp = Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions;

namespace OsmExt.Compiler.Translation;

/// <summary>Clusters: one for each service a proxy may call, one for each it serves, and the mesh's own few.</summary>
internal static class Clusters
{
    private static readonly string HttpOptionsName = UpstreamHttp.Descriptor.FullName;

    // Requests keep the HTTP version the client spoke, through both proxies to the application.
    private static readonly Any KeepHttpVersion = SharedAny.Of(Protos.Pack(new UpstreamHttp { UseDownstreamProtocolConfig = SameVersion() }));
    private static readonly Any OnlyHttp2 = SharedAny.Of(Protos.Pack(new UpstreamHttp { ExplicitHttpConfig = new() { Http2ProtocolOptions = new() } }));
    private static readonly ConnectionSettings NoLimits = new();

    // One for all clusters; never changed.
    private static readonly CircuitBreakers Unlimited = Resilience.Limits(NoLimits);
    private static readonly Cluster.Types.EdsClusterConfig FromAds = new() { EdsConfig = Protos.Ads };

    public static Cluster Upstream(ScopeView view, MeshService service)
    {
        var cluster = new Cluster
        {
            Name = service.Cluster,
            Type = Cluster.Types.DiscoveryType.Eds,
            EdsClusterConfig = FromAds,
            ConnectTimeout = Protos.Time(service.Upstream.Connections.ConnectTimeout),
            CircuitBreakers = ReferenceEquals(service.Upstream, UpstreamSettings.None) ? Unlimited : Resilience.Limits(service.Upstream.Connections),
            OutlierDetection = service.Upstream.OutlierDetection is { } outliers ? Resilience.Ejection(outliers) : null,
            TransportSocket = TlsContexts.Upstream(view, service),
            Metadata = Provenance.Of(service.UpstreamOrigin is { } setting ? [setting] : []),
        };
        ConnectionMark.Write(cluster, view.Settings.TrustDomains.ConnectionsAfter);
        if (Resilience.Probe(view.Settings, service) is { } probe)
        {
            cluster.HealthChecks.Add(probe);
            // Otherwise an endpoint that is gone would be used until the probe, too, finds out.
            cluster.IgnoreHealthOnHostRemoval = true;
        }

        return WithHttp(cluster, service, service.Upstream.Connections);
    }

    /// <summary>Whether nothing but its name and protocol shapes a service's cluster.</summary>
    public static bool IsPlain(MeshSettings mesh, MeshService service)
        => ReferenceEquals(service.Upstream, UpstreamSettings.None) && service.UpstreamOrigin is null && !Resilience.IsProbed(mesh, service) && HostNames.ArePlain(service.Name);

    public static Cluster Local(MeshService service)
    {
        var cluster = Static(service.LocalCluster, "127.0.0.1", service.TargetPort);
        cluster.AltStatName = service.LocalCluster;
        cluster.CircuitBreakers = Unlimited;
        if (service.Protocol == AppProtocol.Http2)
        {
            cluster.TypedExtensionProtocolOptions[HttpOptionsName] = OnlyHttp2;
            return cluster;
        }

        return WithHttp(cluster, service, NoLimits);
    }

    /// <summary>Sends a connection on to where it was going, for destinations outside the mesh.</summary>
    public static Cluster Passthrough() => new()
    {
        Name = Names.PassthroughCluster,
        Type = Cluster.Types.DiscoveryType.OriginalDst,
        LbPolicy = Cluster.Types.LbPolicy.ClusterProvided,
        CircuitBreakers = Unlimited,
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

    /// <summary>A rate limit service, by name or address, in plain text.</summary>
    public static Cluster RateLimitService(RateLimitService service)
    {
        var cluster = Static(service.Cluster, service.Host, service.Port);
        if (!IPAddress.TryParse(service.Host, out _))
        {
            cluster.Type = Cluster.Types.DiscoveryType.StrictDns;
        }

        cluster.AltStatName = service.Cluster;
        cluster.CircuitBreakers = Unlimited;
        cluster.TypedExtensionProtocolOptions[HttpOptionsName] = OnlyHttp2;
        return cluster;
    }

    private static Cluster WithHttp(Cluster cluster, MeshService service, ConnectionSettings settings)
    {
        if (service.Protocol.IsHttp())
        {
            cluster.TypedExtensionProtocolOptions[HttpOptionsName] = settings is { MaxRequestsPerConnection: null, IdleTimeout: null }
                ? KeepHttpVersion
                : Protos.Pack(new UpstreamHttp
                {
                    UseDownstreamProtocolConfig = SameVersion(),
                    CommonHttpProtocolOptions = new()
                    {
                        MaxRequestsPerConnection = (uint?)settings.MaxRequestsPerConnection,
                        IdleTimeout = Protos.Time(settings.IdleTimeout),
                    },
                });
        }

        return cluster;
    }

    private static UpstreamHttp.Types.UseDownstreamHttpConfig SameVersion() => new() { HttpProtocolOptions = new(), Http2ProtocolOptions = new() };

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
}
