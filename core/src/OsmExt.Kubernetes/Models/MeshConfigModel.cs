using System.Text.Json.Serialization;
using k8s.Models;

namespace OsmExt.Kubernetes.Models;

/// <summary><c>config.openservicemesh.io</c> MeshConfig, with every field OSM has; v1alpha1 lacks those marked with Since.</summary>
internal sealed class MeshConfigModel : CustomObject<MeshConfigSpec>;

internal sealed class MeshConfigSpec
{
    [JsonPropertyName("sidecar")]
    public SidecarModel? Sidecar { get; set; }

    [JsonPropertyName("traffic")]
    public TrafficModel? Traffic { get; set; }

    [JsonPropertyName("observability")]
    public ObservabilityModel? Observability { get; set; }

    [JsonPropertyName("certificate")]
    public CertificateModel? Certificate { get; set; }

    [JsonPropertyName("featureFlags")]
    public FeatureFlagsModel? FeatureFlags { get; set; }
}

internal sealed class SidecarModel
{
    [JsonPropertyName("enablePrivilegedInitContainer")]
    public bool? EnablePrivilegedInitContainer { get; set; }

    [JsonPropertyName("logLevel")]
    public string? LogLevel { get; set; }

    [JsonPropertyName("maxDataPlaneConnections")]
    public int? MaxDataPlaneConnections { get; set; }

    [JsonPropertyName("envoyImage")]
    public string? EnvoyImage { get; set; }

    [JsonPropertyName("envoyWindowsImage")]
    public string? EnvoyWindowsImage { get; set; }

    [JsonPropertyName("initContainerImage")]
    public string? InitContainerImage { get; set; }

    [JsonPropertyName("resources")]
    public V1ResourceRequirements? Resources { get; set; }

    [JsonPropertyName("configResyncInterval")]
    public string? ConfigResyncInterval { get; set; }

    [JsonPropertyName("tlsMinProtocolVersion")]
    [Since("v1alpha2")]
    public string? TlsMinProtocolVersion { get; set; }

    [JsonPropertyName("tlsMaxProtocolVersion")]
    [Since("v1alpha2")]
    public string? TlsMaxProtocolVersion { get; set; }

    [JsonPropertyName("cipherSuites")]
    [Since("v1alpha2")]
    public IList<string>? CipherSuites { get; set; }

    [JsonPropertyName("ecdhCurves")]
    [Since("v1alpha2")]
    public IList<string>? EcdhCurves { get; set; }

    [JsonPropertyName("localProxyMode")]
    [Since("v1alpha2")]
    public string? LocalProxyMode { get; set; }
}

internal sealed class TrafficModel
{
    [JsonPropertyName("enableEgress")]
    public bool? EnableEgress { get; set; }

    [JsonPropertyName("enablePermissiveTrafficPolicyMode")]
    public bool? EnablePermissiveTrafficPolicyMode { get; set; }

    [JsonPropertyName("outboundIPRangeExclusionList")]
    public IList<string>? OutboundIPRangeExclusionList { get; set; }

    [JsonPropertyName("outboundIPRangeInclusionList")]
    [Since("v1alpha2")]
    public IList<string>? OutboundIPRangeInclusionList { get; set; }

    [JsonPropertyName("outboundPortExclusionList")]
    public IList<int>? OutboundPortExclusionList { get; set; }

    [JsonPropertyName("inboundPortExclusionList")]
    public IList<int>? InboundPortExclusionList { get; set; }

    [JsonPropertyName("networkInterfaceExclusionList")]
    [Since("v1alpha2")]
    public IList<string>? NetworkInterfaceExclusionList { get; set; }

    [JsonPropertyName("inboundExternalAuthorization")]
    [Restricts]
    public ExternalAuthorizationModel? InboundExternalAuthorization { get; set; }
}

[Restricts]
internal sealed class ExternalAuthorizationModel
{
    [JsonPropertyName("enable")]
    public bool? Enable { get; set; }

    [JsonPropertyName("address")]
    public string? Address { get; set; }

    [JsonPropertyName("port")]
    public int? Port { get; set; }

    [JsonPropertyName("statPrefix")]
    public string? StatPrefix { get; set; }

    [JsonPropertyName("timeout")]
    public string? Timeout { get; set; }

    [JsonPropertyName("failureModeAllow")]
    public bool? FailureModeAllow { get; set; }
}
