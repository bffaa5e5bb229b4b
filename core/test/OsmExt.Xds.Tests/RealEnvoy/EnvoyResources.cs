using System.Security.Cryptography.X509Certificates;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.OnDemand.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;

namespace OsmExt.Xds.Tests.RealEnvoy;

/// <summary>Small configuration whose effect can be seen from outside.</summary>
internal static class EnvoyResources
{
    public const string ClusterHeader = "x-cluster";

    private static readonly ConfigSource Ads = new() { Ads = new(), ResourceApiVersion = ApiVersion.V3 };

    /// <summary>A listener for HTTP, or HTTPS when it is given the name of a secret.</summary>
    public static XdsResource Listener(string name, int port, string route, string? secret = null, ConfigSource? source = null, Any? filter = null)
    {
        HttpFilter[] before = filter is null ? [] : [new HttpFilter { Name = "filter", TypedConfig = filter }];
        var chain = new FilterChain
        {
            Filters =
            {
                new global::Envoy.Config.Listener.V3.Filter
                {
                    Name = "http",
                    TypedConfig = Any.Pack(new HttpConnectionManager
                    {
                        StatPrefix = name,
                        Rds = new() { ConfigSource = source ?? Ads, RouteConfigName = route },
                        HttpFilters = { before, new HttpFilter { Name = "router", TypedConfig = Any.Pack(new Router()) } },
                    }),
                },
            },
        };
        if (secret is not null)
        {
            var sds = new SdsSecretConfig { Name = secret, SdsConfig = source ?? Ads };
            var tls = new DownstreamTlsContext { CommonTlsContext = new() { TlsCertificateSdsSecretConfigs = { sds } } };
            chain.TransportSocket = new() { Name = "tls", TypedConfig = Any.Pack(tls) };
        }

        return XdsResource.Create(new Listener { Name = name, Address = Loopback(port), FilterChains = { chain } }, name);
    }

    /// <summary>Answers everything itself, with this text.</summary>
    public static XdsResource Route(string name, string answer) => XdsResource.Create(
        Routes(name, new Route { Match = new() { Prefix = "/" }, DirectResponse = new() { Status = 200, Body = new() { InlineString = answer } } }), name);

    /// <summary>Knows hosts only from <see cref="Host"/>, but for those it does not know.</summary>
    public static XdsResource SeparateHosts(string name, string otherwise, ConfigSource? source = null)
    {
        var routes = Routes(name, new Route { Match = new() { Prefix = "/" }, DirectResponse = new() { Status = 200, Body = new() { InlineString = otherwise } } });
        routes.Vhds = new() { ConfigSource = source ?? Ads };
        return XdsResource.Create(routes, name);
    }

    /// <summary>A virtual host by itself, that answers with this text.</summary>
    public static XdsResource Host(string name, string domain, string answer) => XdsResource.Create(
        new VirtualHost
        {
            Name = name,
            Domains = { domain },
            Routes = { new Route { Match = new() { Prefix = "/" }, DirectResponse = new() { Status = 200, Body = new() { InlineString = answer } } } },
        },
        name);

    /// <summary>Forwards everything to a cluster.</summary>
    public static XdsResource Forward(string name, string cluster) => XdsResource.Create(
        Routes(name, new Route { Match = new() { Prefix = "/" }, Route_ = new() { Cluster = cluster } }), name);

    /// <summary>Forwards to the cluster that the request names.</summary>
    public static XdsResource ForwardByHeader(string name) => XdsResource.Create(
        Routes(name, new Route { Match = new() { Prefix = "/" }, Route_ = new() { ClusterHeader = ClusterHeader } }), name);

    /// <summary>Waits for a cluster that the proxy does not have until it was asked for.</summary>
    public static Any OnDemandFilter(ConfigSource? source = null) => Any.Pack(new OnDemand
    {
        Odcds = new() { Source = source ?? Ads, Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(20)) },
    });

    /// <summary>A cluster that gets its endpoints from discovery.</summary>
    public static XdsResource Cluster(string name, ConfigSource? source = null, int content = 1) => XdsResource.Create(
        new Cluster
        {
            Name = name,
            Type = global::Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Eds,
            EdsClusterConfig = new() { EdsConfig = source ?? Ads },
            ConnectTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(content)),
        },
        name);

    /// <summary>Refused by every Envoy: the pattern is none.</summary>
    public static XdsResource BrokenRoute(string name) => XdsResource.Create(
        Routes(name, new Route { Match = new() { SafeRegex = new() { Regex = "(" } }, DirectResponse = new() { Status = 200 } }), name);

    /// <summary>Refused by every Envoy, which names it: such clusters choose no endpoints.</summary>
    public static XdsResource BrokenCluster(string name) => XdsResource.Create(
        new Cluster
        {
            Name = name,
            Type = global::Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.OriginalDst,
            LbPolicy = global::Envoy.Config.Cluster.V3.Cluster.Types.LbPolicy.RoundRobin,
        },
        name);

    public static XdsResource Identity(string name, X509Certificate2 certificate) => XdsResource.Create(
        new Secret
        {
            Name = name,
            TlsCertificate = new()
            {
                CertificateChain = new() { InlineBytes = ByteString.CopyFromUtf8(certificate.ExportCertificatePem()) },
                PrivateKey = new() { InlineBytes = ByteString.CopyFromUtf8(certificate.GetECDsaPrivateKeyPem()) },
            },
        },
        name);

    private static RouteConfiguration Routes(string name, Route route)
        => new() { Name = name, VirtualHosts = { new VirtualHost { Name = name, Domains = { "*" }, Routes = { route } } } };

    private static Address Loopback(int port) => new() { SocketAddress = new() { Address = "127.0.0.1", PortValue = (uint)port } };
}
