namespace OsmExt.Cli.Cluster;

/// <summary>Labels, annotations and names that the mesh and its tools agree on.</summary>
internal static class MeshNames
{
    public const string MonitoredBy = "openservicemesh.io/monitored-by";
    public const string Ignore = "openservicemesh.io/ignore";
    public const string SidecarInjection = "openservicemesh.io/sidecar-injection";
    public const string Metrics = "openservicemesh.io/metrics";
    public const string ProxyUuid = "osm-proxy-uuid";
    public const string App = "app";
    public const string Controller = "osm-controller";
    public const string Injector = "osm-injector";
    public const string MeshName = "meshName";
    public const string Version = "app.kubernetes.io/version";
    public const string Envoy = "envoy";
    public const string MeshConfig = "osm-mesh-config";
    public const string ConfigGroup = "config.openservicemesh.io";
    public const string PolicyGroup = "policy.openservicemesh.io";

    public const int AdminPort = 15000;
    public const int HttpPort = 9091;
    public const int DebugPort = 9092;
    public const int StatsPort = 15010;
    public const string StatsPath = "/stats/prometheus";
}
