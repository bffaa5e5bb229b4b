using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Models;

internal sealed class ObservabilityModel
{
    [JsonPropertyName("osmLogLevel")]
    public string? OsmLogLevel { get; set; }

    [JsonPropertyName("enableDebugServer")]
    public bool? EnableDebugServer { get; set; }

    [JsonPropertyName("tracing")]
    public TracingModel? Tracing { get; set; }
}

internal sealed class TracingModel
{
    [JsonPropertyName("enable")]
    public bool? Enable { get; set; }

    [JsonPropertyName("address")]
    public string? Address { get; set; }

    [JsonPropertyName("port")]
    public int? Port { get; set; }

    [JsonPropertyName("endpoint")]
    public string? Endpoint { get; set; }
}

internal sealed class CertificateModel
{
    [JsonPropertyName("serviceCertValidityDuration")]
    public string? ServiceCertValidityDuration { get; set; }

    [JsonPropertyName("certKeyBitSize")]
    public int? CertKeyBitSize { get; set; }

    [JsonPropertyName("ingressGateway")]
    public IngressGatewayModel? IngressGateway { get; set; }
}

internal sealed class IngressGatewayModel
{
    [JsonPropertyName("subjectAltNames")]
    public IList<string>? SubjectAltNames { get; set; }

    [JsonPropertyName("validityDuration")]
    public string? ValidityDuration { get; set; }

    [JsonPropertyName("secret")]
    public SecretReferenceModel? Secret { get; set; }
}

internal sealed class SecretReferenceModel
{
    [JsonPropertyName("name")]
    public string? Name { get; set; }

    [JsonPropertyName("namespace")]
    public string? Namespace { get; set; }
}

internal sealed class FeatureFlagsModel
{
    [JsonPropertyName("enableWASMStats")]
    public bool? EnableWASMStats { get; set; }

    [JsonPropertyName("enableEgressPolicy")]
    public bool? EnableEgressPolicy { get; set; }

    [JsonPropertyName("enableMulticlusterMode")]
    public bool? EnableMulticlusterMode { get; set; }

    [JsonPropertyName("enableSnapshotCacheMode")]
    public bool? EnableSnapshotCacheMode { get; set; }

    [JsonPropertyName("enableAsyncProxyServiceMapping")]
    public bool? EnableAsyncProxyServiceMapping { get; set; }

    [JsonPropertyName("enableIngressBackendPolicy")]
    public bool? EnableIngressBackendPolicy { get; set; }

    [JsonPropertyName("enableEnvoyActiveHealthChecks")]
    public bool? EnableEnvoyActiveHealthChecks { get; set; }

    [JsonPropertyName("enableRetryPolicy")]
    public bool? EnableRetryPolicy { get; set; }

    [JsonPropertyName("enableMeshRootCertificate")]
    [Since("v1alpha2")]
    public bool? EnableMeshRootCertificate { get; set; }
}
