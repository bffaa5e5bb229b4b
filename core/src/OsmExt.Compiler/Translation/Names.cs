using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// Names of generated resources. Clusters, route configurations, virtual hosts, secrets and chains are called as in OSM, since
/// dashboards and people know them so.
/// </summary>
internal static class Names
{
    public const string OutboundListener = "outbound-listener";
    public const string InboundListener = "inbound-listener";
    public const string PrometheusListener = "inbound-prometheus-listener";
    public const string PassthroughCluster = "passthrough-outbound";
    public const string BlackholeCluster = "blackhole-outbound";
    public const string MetricsCluster = "envoy-metrics-cluster";
    public const string PassthroughChain = "outbound-egress-filter-chain";
    public const string InMeshAlpn = "osm";

    public const string Hcm = "envoy.filters.network.http_connection_manager";
    public const string HttpRbac = "envoy.filters.http.rbac";
    public const string HttpLocalRateLimit = "envoy.filters.http.local_ratelimit";
    public const string HttpGlobalRateLimit = "envoy.filters.http.ratelimit";
    public const string HealthCheck = "envoy.filters.http.health_check";
    public const string Router = "http_router";
    public const string NetworkRbac = "l4_rbac";
    public const string NetworkLocalRateLimit = "l4_local_rate_limit";
    public const string NetworkGlobalRateLimit = "l4_global_rate_limit";
    public const string TcpProxy = "tcp_proxy";

    /// <summary>Not bound to a socket: the outbound listener hands connections to it by the port that was dialled.</summary>
    public static string OutboundPort(int port) => $"{OutboundListener}.{port}";

    /// <summary>Not bound either: chosen by the very address that was dialled.</summary>
    public static string OutboundAddress(string address, int port) => $"{OutboundListener}.{address}.{port}";

    public static string OutboundRoutes(int port) => $"rds-outbound.{port}";

    public static string InboundRoutes(int targetPort) => $"rds-inbound.{targetPort}";

    public static string OutboundChain(MeshService service) => $"outbound_{service.Name}_{service.Port}_{service.Protocol.Name()}";

    public static string InboundChain(MeshService service) => $"inbound_{service.Name}_{service.TargetPort}_{service.Protocol.Name()}";

    public static string OutboundVirtualHost(ServiceName service) => $"outbound_virtual-host|{service.Fqdn}";

    public static string InboundVirtualHost(ServiceName service) => $"inbound_virtual-host|{service.Fqdn}";

    public static string ServiceCertificate(WorkloadIdentity identity) => $"service-cert:{identity.Namespace}/{identity.ServiceAccount}";

    /// <summary>Whom a client accepts as a service. Pods of a headless service share it.</summary>
    public static string OutboundTrust(ServiceName service) => $"root-cert-for-mtls-outbound:{service.Namespace}/{service.Name}";

    /// <summary>Whom HTTP ports accept in the handshake: any identity of the mesh, since requests are judged one by one.</summary>
    public static string InboundTrust(WorkloadIdentity identity) => $"root-cert-for-mtls-inbound:{identity.Namespace}/{identity.ServiceAccount}";

    /// <summary>Whom a TCP port accepts in the handshake: only those its rules name.</summary>
    public static string InboundTrust(MeshService service) => $"root-cert-for-mtls-inbound:{service.Name}|{service.TargetPort}";
}
