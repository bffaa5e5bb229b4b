using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Injection;

/// <summary>What injection needs to know besides the pod and its namespace. Everything in it is public.</summary>
internal sealed record InjectionSettings
{
    /// <summary>Only namespaces labelled with it are injected.</summary>
    public string MeshName { get; init; } = "osm";

    /// <summary>Never injected.</summary>
    public string OsmNamespace { get; init; } = "osm-system";

    /// <summary>What the MeshConfig says.</summary>
    public SidecarSettings Sidecar { get; init; } = SidecarSettings.Default;

    /// <summary>Envoy's image where the MeshConfig names none.</summary>
    public string EnvoyImage { get; init; } = "";

    /// <summary>The image with iptables where the MeshConfig names none.</summary>
    public string InitImage { get; init; } = "";

    /// <summary>The image of this program.</summary>
    public string AgentImage { get; init; } = "";

    /// <summary>When images are pulled.</summary>
    public string PullPolicy { get; init; } = "IfNotPresent";

    /// <summary>Whether the cluster starts init containers with <c>restartPolicy: Always</c> as sidecars (Kubernetes 1.29).</summary>
    public bool NativeSidecars { get; init; }

    /// <summary>The roots by which an agent knows the control plane the first time, PEM.</summary>
    public string Roots { get; init; } = "";

    /// <summary>Where proxies find the control plane, HOST:PORT; empty for the Service in its namespace.</summary>
    public string Controller { get; init; } = "";

    /// <summary>Where agents find who issues credentials, HOST:PORT; empty for the Service in its namespace.</summary>
    public string Issuer { get; init; } = "";

    public string ControllerOrDefault => Controller.Length > 0 ? Controller : $"osm-controller.{OsmNamespace}.svc:15128";

    public string IssuerOrDefault => Issuer.Length > 0 ? Issuer : $"osm-injector.{OsmNamespace}.svc:9090";
}
