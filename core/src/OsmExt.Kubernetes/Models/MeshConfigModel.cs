using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using OsmExt.Sdk.Plugins;
using k8s.Models;

namespace OsmExt.Kubernetes.Models;

/// <summary><c>config.openservicemesh.io</c> MeshConfig, with every field OSM has; v1alpha1 lacks those marked with Since.</summary>
internal sealed class MeshConfigModel : CustomObject<MeshConfigSpec>;

internal sealed class MeshConfigSpec
{
    [JsonPropertyName("sidecar")]
    [Description("How sidecars are run.")]
    public SidecarModel? Sidecar { get; set; }

    [JsonPropertyName("traffic")]
    [Description("What of a pod's traffic is the mesh's, and what is let through.")]
    public TrafficModel? Traffic { get; set; }

    [JsonPropertyName("observability")]
    [Description("Logs, traces and debugging.")]
    public ObservabilityModel? Observability { get; set; }

    [JsonPropertyName("certificate")]
    [Description("Workloads' certificates.")]
    public CertificateModel? Certificate { get; set; }

    [JsonPropertyName("featureFlags")]
    [Description("Features that are switched on one by one.")]
    public FeatureFlagsModel? FeatureFlags { get; set; }
}

[CelRule("!has(self.tlsMinProtocolVersion) || !has(self.tlsMaxProtocolVersion) || self.tlsMaxProtocolVersion == 'TLS_AUTO' || self.tlsMinProtocolVersion <= self.tlsMaxProtocolVersion", "the highest TLS version is below the lowest", FieldPath = ".tlsMaxProtocolVersion")]
internal sealed class SidecarModel
{
    [JsonPropertyName("enablePrivilegedInitContainer")]
    [Description("Run osm-init privileged, which some platforms ask for. New pods only.")]
    public bool? EnablePrivilegedInitContainer { get; set; }

    [JsonPropertyName("logLevel")]
    [Description("How much Envoy logs; error when it is not set. New pods only.")]
    [AllowedValues("trace", "debug", "info", "warning", "warn", "error", "critical", "off")]
    public string? LogLevel { get; set; }

    [JsonPropertyName("maxDataPlaneConnections")]
    [Description("How many proxies one replica serves; 0 for any number.")]
    [Range(0, int.MaxValue)]
    public int? MaxDataPlaneConnections { get; set; }

    [JsonPropertyName("envoyImage")]
    [Description("Envoy's image. New pods only.")]
    public string? EnvoyImage { get; set; }

    [JsonPropertyName("envoyWindowsImage")]
    [Description("Envoy's image for Windows. There is no data plane for Windows; the field is kept for OSM's manifests.")]
    public string? EnvoyWindowsImage { get; set; }

    [JsonPropertyName("initContainerImage")]
    [Description("The image of osm-init. New pods only.")]
    public string? InitContainerImage { get; set; }

    [JsonPropertyName("resources")]
    [Description("Resources of the Envoy container. New pods only.")]
    public V1ResourceRequirements? Resources { get; set; }

    [JsonPropertyName("configResyncInterval")]
    [Description("Without effect: every change reaches the proxies it concerns, and nothing else is sent.")]
    [RegularExpression(Patterns.Duration)]
    public string? ConfigResyncInterval { get; set; }

    [JsonPropertyName("tlsMinProtocolVersion")]
    [Since("v1alpha2")]
    [Description("The lowest TLS version between proxies.")]
    [AllowedValues("TLS_AUTO", "TLSv1_0", "TLSv1_1", "TLSv1_2", "TLSv1_3"), DefaultValue("TLSv1_2")]
    public string? TlsMinProtocolVersion { get; set; }

    [JsonPropertyName("tlsMaxProtocolVersion")]
    [Since("v1alpha2")]
    [Description("The highest TLS version between proxies.")]
    [AllowedValues("TLS_AUTO", "TLSv1_0", "TLSv1_1", "TLSv1_2", "TLSv1_3"), DefaultValue("TLSv1_3")]
    public string? TlsMaxProtocolVersion { get; set; }

    [JsonPropertyName("cipherSuites")]
    [Since("v1alpha2")]
    [Description("Cipher suites between proxies, in BoringSSL's names; [A|B] means equally good. TLS 1.3 ignores them.")]
    [MaxLength(64)]
    public IList<string>? CipherSuites { get; set; }

    [JsonPropertyName("ecdhCurves")]
    [Since("v1alpha2")]
    [Description("Curves between proxies.")]
    [MaxLength(16), EachOf("X25519", "P-256", "P-384", "P-521", "X25519MLKEM768")]
    public IList<string>? EcdhCurves { get; set; }

    [JsonPropertyName("localProxyMode")]
    [Since("v1alpha2")]
    [Description("Where Envoy sends inbound traffic: to 127.0.0.1 or to the pod's own address. New pods only.")]
    [AllowedValues("Localhost", "PodIP"), DefaultValue("Localhost")]
    public string? LocalProxyMode { get; set; }
}

internal sealed class TrafficModel
{
    [JsonPropertyName("enableEgress")]
    [Description("Let traffic through to destinations that the mesh does not know.")]
    public bool? EnableEgress { get; set; }

    [JsonPropertyName("enablePermissiveTrafficPolicyMode")]
    [Description("Let every workload of the mesh reach every other.")]
    public bool? EnablePermissiveTrafficPolicyMode { get; set; }

    [JsonPropertyName("outboundIPRangeExclusionList")]
    [Description("Address blocks whose outbound traffic is left alone. New pods only.")]
    [MaxLength(1024), EachLike(Patterns.AddressBlock)]
    public IList<string>? OutboundIPRangeExclusionList { get; set; }

    [JsonPropertyName("outboundIPRangeInclusionList")]
    [Since("v1alpha2")]
    [Description("When not empty, only these address blocks are intercepted outbound. New pods only.")]
    [MaxLength(1024), EachLike(Patterns.AddressBlock)]
    public IList<string>? OutboundIPRangeInclusionList { get; set; }

    [JsonPropertyName("outboundPortExclusionList")]
    [Description("Destination ports whose outbound traffic is left alone. New pods only.")]
    [MaxLength(1024), EachWithin(1, 65535)]
    public IList<int>? OutboundPortExclusionList { get; set; }

    [JsonPropertyName("inboundPortExclusionList")]
    [Description("Ports whose inbound traffic is left alone. New pods only.")]
    [MaxLength(1024), EachWithin(1, 65535)]
    public IList<int>? InboundPortExclusionList { get; set; }

    [JsonPropertyName("networkInterfaceExclusionList")]
    [Since("v1alpha2")]
    [Description("Network interfaces that are left alone. New pods only.")]
    [MaxLength(64), EachLike(Patterns.NetworkInterface)]
    public IList<string>? NetworkInterfaceExclusionList { get; set; }

    [JsonPropertyName("inboundExternalAuthorization")]
    [Restricts]
    [Description("A server that every inbound HTTP request is put to.")]
    public ExternalAuthorizationModel? InboundExternalAuthorization { get; set; }
}

[Restricts]
[CelRule("!has(self.enable) || !self.enable || (has(self.address) && self.address != '' && has(self.port))", "address and port must be set while enable is true")]
internal sealed class ExternalAuthorizationModel
{
    [JsonPropertyName("enable")]
    [Description("Ask the server. While nothing can ask it, no request is let in.")]
    public bool? Enable { get; set; }

    [JsonPropertyName("address")]
    [Description("Its host, without scheme and port.")]
    public string? Address { get; set; }

    [JsonPropertyName("port")]
    [Description("Its port.")]
    [Range(1, 65535)]
    public int? Port { get; set; }

    [JsonPropertyName("statPrefix")]
    [Description("The prefix of Envoy's statistics.")]
    [DefaultValue("inboundExtAuthz")]
    public string? StatPrefix { get; set; }

    [JsonPropertyName("timeout")]
    [Description("How long an answer may take.")]
    [RegularExpression(Patterns.Duration), DefaultValue("1s")]
    public string? Timeout { get; set; }

    [JsonPropertyName("failureModeAllow")]
    [Description("Let requests in when the server does not answer.")]
    public bool? FailureModeAllow { get; set; }
}
