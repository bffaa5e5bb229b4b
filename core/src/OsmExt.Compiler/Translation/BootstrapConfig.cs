using System.Net;
using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Overload.V3;
using Envoy.Extensions.ResourceMonitors.DownstreamConnections.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Sdk.Identity;
using UpstreamHttp = Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// What a sidecar starts with: who it is, where the control plane is and how to know it. Everything else comes over the stream.
/// </summary>
internal static class BootstrapConfig
{
    public const string ControlPlaneCluster = "osm-controller";

    // A sidecar serves one pod; beyond this many connections something is wrong, and Envoy warns when there is no limit.
    private const long MaxDownstreamConnections = 50_000;

    /// <summary>
    /// How large a regular expression may become. Envoy itself refuses more than 100 instructions, which ordinary path patterns
    /// exceed; whoever checks patterns before they are sent must use the same number.
    /// </summary>
    public const int MaxRegexProgram = 32_768;

    /// <param name="proxy">Whose bootstrap.</param>
    /// <param name="controlPlane">Host and port of the control plane.</param>
    /// <param name="credentials">Paths, as the proxy sees them, of its certificate, key and trusted roots.</param>
    public static Bootstrap Build(ProxyIdentity proxy, DnsEndPoint controlPlane, CredentialPaths credentials) => new()
    {
        Node = new() { Id = proxy.NodeId, Cluster = $"{proxy.Workload.ServiceAccount}.{proxy.Workload.Namespace}" },
        Admin = new() { Address = Protos.Address("127.0.0.1", Ports.Admin) },
        DynamicResources = new()
        {
            AdsConfig = new()
            {
                ApiType = ApiConfigSource.Types.ApiType.DeltaGrpc,
                TransportApiVersion = ApiVersion.V3,
                SetNodeOnFirstMessageOnly = true,
                GrpcServices = { new GrpcService { EnvoyGrpc = new() { ClusterName = ControlPlaneCluster, RetryPolicy = Reconnect } } },
            },
            CdsConfig = Protos.Ads,
            LdsConfig = Protos.Ads,
        },
        StaticResources = new() { Clusters = { ControlPlane(proxy, controlPlane, credentials) } },
        LayeredRuntime = new()
        {
            Layers =
            {
                new RuntimeLayer
                {
                    Name = "osm",
                    StaticLayer = new() { Fields = { ["re2.max_program_size.error_level"] = Value.ForNumber(MaxRegexProgram) } },
                },
            },
        },
        // Half of what a cluster costs is statistics that nobody reads; they are created when first counted.
        DeferredStatOptions = new() { EnableDeferredCreationStats = true },
        OverloadManager = new()
        {
            ResourceMonitors =
            {
                new ResourceMonitor
                {
                    Name = "envoy.resource_monitors.global_downstream_max_connections",
                    TypedConfig = Protos.Pack(new DownstreamConnectionsConfig { MaxActiveDownstreamConnections = MaxDownstreamConnections }),
                },
            },
        },
    };

    // Envoy's own back-off grows to half a minute, which a pod that starts before its control plane would feel.
    private static RetryPolicy Reconnect => new()
    {
        RetryBackOff = new() { BaseInterval = new() { Nanos = 250_000_000 }, MaxInterval = Protos.Seconds(5) },
    };

    private static Cluster ControlPlane(ProxyIdentity proxy, DnsEndPoint controlPlane, CredentialPaths credentials) => new()
    {
        Name = ControlPlaneCluster,
        Type = IPAddress.TryParse(controlPlane.Host, out _) ? Cluster.Types.DiscoveryType.Static : Cluster.Types.DiscoveryType.StrictDns,
        ConnectTimeout = Protos.Seconds(5),
        LoadAssignment = new()
        {
            ClusterName = ControlPlaneCluster,
            Endpoints =
            {
                new LocalityLbEndpoints { LbEndpoints = { new LbEndpoint { Endpoint = new() { Address = Protos.Address(controlPlane.Host, controlPlane.Port) } } } },
            },
        },
        TypedExtensionProtocolOptions =
        {
            [UpstreamHttp.Descriptor.FullName] = Protos.Pack(new UpstreamHttp
            {
                ExplicitHttpConfig = new() { Http2ProtocolOptions = new() { ConnectionKeepalive = new() { Interval = Protos.Seconds(30), Timeout = Protos.Seconds(5) } } },
            }),
        },
        UpstreamConnectionOptions = new() { TcpKeepalive = new() { KeepaliveProbes = 5, KeepaliveTime = 60, KeepaliveInterval = 5 } },
        TransportSocket = new() { Name = "envoy.transport_sockets.tls", TypedConfig = Protos.Pack(Tls(proxy, credentials)) },
    };

    // Files that the proxy follows, so that both can be renewed while it runs.
    private static UpstreamTlsContext Tls(ProxyIdentity proxy, CredentialPaths credentials) => new()
    {
        Sni = new XdsServerIdentity(proxy.Workload.TrustDomain).DnsName,
        CommonTlsContext = new()
        {
            AlpnProtocols = { "h2" },
            TlsParams = new() { TlsMinimumProtocolVersion = TlsParameters.Types.TlsProtocol.Tlsv12, TlsMaximumProtocolVersion = TlsParameters.Types.TlsProtocol.Tlsv13 },
            TlsCertificateSdsSecretConfigs = { Follow(CredentialFiles.CertificateName, credentials.Certificate, credentials) },
            ValidationContextSdsSecretConfig = Follow(CredentialFiles.TrustName, credentials.Trust, credentials),
        },
    };

    private static SdsSecretConfig Follow(string name, string file, CredentialPaths credentials) => new()
    {
        Name = name,
        SdsConfig = new()
        {
            ResourceApiVersion = ApiVersion.V3,
            PathConfigSource = new() { Path = file, WatchedDirectory = new() { Path = credentials.Directory } },
        },
    };
}

/// <summary>Where a proxy's own credentials lie, as it sees them.</summary>
/// <param name="Directory">The directory that holds them. Envoy looks at them again whenever a file is moved into it.</param>
internal sealed record CredentialPaths(string Directory)
{
    public string Certificate => $"{Directory}/{CredentialFiles.FileOf(CredentialFiles.CertificateName)}";

    public string Trust => $"{Directory}/{CredentialFiles.FileOf(CredentialFiles.TrustName)}";
}
