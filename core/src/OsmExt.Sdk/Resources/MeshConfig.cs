using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Resources;

/// <summary>
/// The mesh's own settings, <c>osm-mesh-config</c> in the control plane's namespace. A field that is not set has the value a
/// zeroed object has, which is the closed one for everything that opens access.
/// </summary>
public sealed record MeshConfig(ResourceMetadata Metadata) : Resource(Metadata)
{
    /// <summary>The only name that counts.</summary>
    public const string WellKnownName = "osm-mesh-config";

    /// <inheritdoc/>
    public override string Kind => nameof(MeshConfig);

    /// <summary>Whether every meshed workload may reach every meshed service. Default false.</summary>
    public bool Permissive { get; init; }

    /// <summary>Whether traffic to destinations outside the mesh passes through. Default false.</summary>
    public bool EnableEgress { get; init; }

    /// <summary>Lowest TLS version between proxies. Default <c>TLSv1_2</c>.</summary>
    public string TlsMinVersion { get; init; } = "TLSv1_2";

    /// <summary>Highest TLS version between proxies. Default <c>TLSv1_3</c>.</summary>
    public string TlsMaxVersion { get; init; } = "TLSv1_3";

    /// <summary>TLS 1.2 cipher suites; empty means Envoy's.</summary>
    public EquatableArray<string> CipherSuites { get; init; }

    /// <summary>ECDH curves; empty means Envoy's.</summary>
    public EquatableArray<string> EcdhCurves { get; init; }

    /// <summary>How long a workload certificate is valid. Default 24 hours.</summary>
    public TimeSpan CertificateValidity { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Size of a workload's key where the operator chose RSA: 2048, 3072 or 4096. Default 2048.</summary>
    public int CertificateKeyBits { get; init; } = 2048;

    /// <summary>Whether proxies count requests by source and destination workload (<c>enableWASMStats</c>). Default false.</summary>
    public bool TrafficMetrics { get; init; }

    /// <summary>Whether Retry objects count (<c>enableRetryPolicy</c>). Default false.</summary>
    public bool RetryPolicy { get; init; }

    /// <summary>Whether every proxy probes the endpoints it may call (<c>enableEnvoyActiveHealthChecks</c>). Default false.</summary>
    public bool ActiveHealthChecks { get; init; }

    /// <summary>
    /// The server that shall be asked about every request (<c>inboundExternalAuthorization</c>, while <c>enable</c> is true). A plugin asks
    /// it; while none does, requests are refused. Default null: none.
    /// </summary>
    public AuthorizationServer? InboundAuthorization { get; init; }

    /// <summary>How many proxies one control plane serves; 0 means any number.</summary>
    public int MaxProxies { get; init; }

    /// <summary>Where spans go (<c>observability.tracing</c>); null while tracing is off.</summary>
    public TracingCollector? Tracing { get; init; }

    /// <summary>The certificate that is kept for an ingress gateway (<c>certificate.ingressGateway</c>); null for none.</summary>
    public GatewayCertificate? IngressGateway { get; init; }

    /// <summary>What the sidecars of new pods are like.</summary>
    public SidecarSettings Sidecar { get; init; } = SidecarSettings.Default;
}

/// <summary>A certificate of the mesh's authority for somebody outside the mesh, who proves with it who calls.</summary>
/// <param name="DnsNames">The names in it.</param>
/// <param name="Validity">How long it is valid.</param>
/// <param name="SecretNamespace">The namespace of the Secret it is kept in.</param>
/// <param name="SecretName">The Secret's name.</param>
public sealed record GatewayCertificate(EquatableArray<string> DnsNames, TimeSpan Validity, string SecretNamespace, string SecretName);

