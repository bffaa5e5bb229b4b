namespace OsmExt.Kubernetes.Injection;

/// <summary>What injection reads and writes of a pod, by name. The names are OSM's, so that tools which look for them go on working.</summary>
internal static class WellKnown
{
    public const string MonitoredBy = "openservicemesh.io/monitored-by";
    public const string Ignore = "openservicemesh.io/ignore";
    public const string ControlPlane = "control-plane";
    public const string Switch = "openservicemesh.io/sidecar-injection";
    public const string Metrics = "openservicemesh.io/metrics";
    public const string ProxyUuid = "osm-proxy-uuid";

    public const string InitContainer = "osm-init";
    public const string AgentContainer = "osm-agent";

    /// <summary>Gets the first credentials where the cluster cannot start a sidecar before other containers.</summary>
    public const string CredentialsContainer = "osm-credentials";
    public const string EnvoyContainer = "envoy";

    /// <summary>What the sidecar starts with and its credentials, in memory; gone with the pod.</summary>
    public const string BootstrapVolume = "envoy-bootstrap-config-volume";
    public const string BootstrapDirectory = "/etc/envoy";

    /// <summary>The token that proves to the control plane which pod asks.</summary>
    public const string TokenVolume = "osm-token";
    public const string TokenDirectory = "/var/run/secrets/openservicemesh.io";
    public const string TokenFile = TokenDirectory + "/token";

    /// <summary>The token's audience: the API server takes it for nothing, and nobody else's is taken for it.</summary>
    public const string TokenAudience = "openservicemesh.io";

    /// <summary>Where the agent answers probes about itself and Envoy.</summary>
    public const int AgentPort = Interception.SidecarPorts.TcpProbe;
    public const string CredentialsPath = "/credentials";
    public const string ReadyPath = "/ready";

    /// <summary>The agent's environment.</summary>
    public static class Variables
    {
        public const string Controller = "OSM_CONTROLLER";
        public const string Issuer = "OSM_ISSUER";
        public const string Roots = "OSM_ROOTS";
        public const string Probes = "OSM_PROBES";
    }
}
