using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Models;

internal sealed class ObservabilityModel
{
    [JsonPropertyName("osmLogLevel")]
    [Description("How much the control plane logs.")]
    [AllowedValues("trace", "debug", "info", "warn", "error", "fatal", "panic", "disabled", "off")]
    public string? OsmLogLevel { get; set; }

    [JsonPropertyName("enableDebugServer")]
    [Description("Without effect: the debug endpoints listen on 127.0.0.1 always.")]
    public bool? EnableDebugServer { get; set; }

    [JsonPropertyName("tracing")]
    [Description("Traces of requests.")]
    public TracingModel? Tracing { get; set; }
}

internal sealed class TracingModel
{
    [JsonPropertyName("enable")]
    [Description("Send traces.")]
    public bool? Enable { get; set; }

    [JsonPropertyName("address")]
    [Description("The collector's host.")]
    public string? Address { get; set; }

    [JsonPropertyName("port")]
    [Description("The collector's port; 9411 when it is 0 or not set.")]
    [Range(0, 65535)]
    public int? Port { get; set; }

    [JsonPropertyName("endpoint")]
    [Description("The collector's path; /api/v2/spans when it is not set.")]
    public string? Endpoint { get; set; }
}

internal sealed class CertificateModel
{
    [JsonPropertyName("serviceCertValidityDuration")]
    [Description("How long a workload's certificate is valid; 24h when it is not set.")]
    [RegularExpression(Patterns.Duration)]
    public string? ServiceCertValidityDuration { get; set; }

    [JsonPropertyName("certKeyBitSize")]
    [Description("Size of a workload's key where keys are RSA.")]
    [AllowedValues(2048, 3072, 4096)]
    public int? CertKeyBitSize { get; set; }

    [JsonPropertyName("ingressGateway")]
    [Description("A certificate that is kept in a Secret for an ingress gateway outside the mesh.")]
    public IngressGatewayModel? IngressGateway { get; set; }
}

internal sealed class IngressGatewayModel
{
    [JsonPropertyName("subjectAltNames")]
    [Description("The DNS names of the certificate.")]
    [Required, Length(1, 64), EachLike(Patterns.DnsSubdomain)]
    public IList<string>? SubjectAltNames { get; set; }

    [JsonPropertyName("validityDuration")]
    [Description("How long the certificate is valid.")]
    [Required, RegularExpression(Patterns.Duration), MinLength(1)]
    public string? ValidityDuration { get; set; }

    [JsonPropertyName("secret")]
    [Description("Where it is kept.")]
    [Required]
    public SecretReferenceModel? Secret { get; set; }
}

internal sealed class SecretReferenceModel
{
    [JsonPropertyName("name")]
    [Description("The Secret's name.")]
    [Required, MaxLength(253), RegularExpression(Patterns.DnsSubdomain)]
    public string? Name { get; set; }

    [JsonPropertyName("namespace")]
    [Description("The Secret's namespace.")]
    [Required, MaxLength(63), RegularExpression(Patterns.DnsLabel)]
    public string? Namespace { get; set; }
}

internal sealed class FeatureFlagsModel
{
    [JsonPropertyName("enableWASMStats")]
    [Description("Request metrics by workload, where the plugin delivery-flagger is installed.")]
    public bool? EnableWASMStats { get; set; }

    [JsonPropertyName("enableEgressPolicy")]
    [Description("Without effect: Egress objects count where the plugin egress is installed.")]
    public bool? EnableEgressPolicy { get; set; }

    [JsonPropertyName("enableMulticlusterMode")]
    [Description("Without effect: this mesh has one cluster.")]
    public bool? EnableMulticlusterMode { get; set; }

    [JsonPropertyName("enableSnapshotCacheMode")]
    [Description("Without effect: it chose between implementations of OSM.")]
    public bool? EnableSnapshotCacheMode { get; set; }

    [JsonPropertyName("enableAsyncProxyServiceMapping")]
    [Description("Without effect: it chose between implementations of OSM.")]
    public bool? EnableAsyncProxyServiceMapping { get; set; }

    [JsonPropertyName("enableIngressBackendPolicy")]
    [Description("Without effect: IngressBackends count where the plugin ingress-contour is installed.")]
    public bool? EnableIngressBackendPolicy { get; set; }

    [JsonPropertyName("enableEnvoyActiveHealthChecks")]
    [Description("Let every proxy probe the endpoints it may call.")]
    public bool? EnableEnvoyActiveHealthChecks { get; set; }

    [JsonPropertyName("enableRetryPolicy")]
    [Description("Let Retry objects count.")]
    public bool? EnableRetryPolicy { get; set; }

    [JsonPropertyName("enableMeshRootCertificate")]
    [Since("v1alpha2")]
    [Description("Without effect: MeshRootCertificates count always.")]
    public bool? EnableMeshRootCertificate { get; set; }
}
