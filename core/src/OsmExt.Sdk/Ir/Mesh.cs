using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Sdk.Ir;

/// <summary>
/// The whole mesh's policy, independent of Kubernetes and of Envoy: what services there are, who they are, and who may reach
/// whom. It holds no endpoints, so a pod coming or going usually leaves it equal.
/// </summary>
/// <param name="Settings">Mesh-wide settings.</param>
public sealed record Mesh(MeshSettings Settings)
{
    /// <summary>Every service port the mesh carries, sorted by name and port.</summary>
    public EquatableArray<MeshService> Services { get; init; }

    /// <summary>What each workload accepts, sorted by identity. Not consulted in permissive mode.</summary>
    public EquatableArray<InboundPolicy> Inbound { get; init; }

    /// <summary>Whom each workload may reach, sorted by identity. Not consulted in permissive mode.</summary>
    public EquatableArray<OutboundPolicy> Outbound { get; init; }

    /// <summary>Which requests are tried again, sorted by client and service; one entry for each pair.</summary>
    public EquatableArray<RetryRule> Retries { get; init; }

    /// <summary>The roots it shall have; null when nothing is written about them, or no sense, and everything stays as it is.</summary>
    public RootIntent? Roots { get; init; }
}

/// <summary>Mesh-wide settings that shape generated configuration.</summary>
/// <param name="TrustDomain">The trust domain that identities are written in here; see <see cref="TrustDomains"/> for what proxies are told.</param>
public sealed record MeshSettings(string TrustDomain)
{
    /// <summary>The trust domains in which proxies know each other.</summary>
    public TrustDomains TrustDomains { get; init; } = new([TrustDomain]);

    /// <summary>Whether every meshed workload may reach every meshed service.</summary>
    public bool Permissive { get; init; }

    /// <summary>Whether traffic to destinations outside the mesh passes through.</summary>
    public bool EnableEgress { get; init; }

    /// <summary>Whether proxies count requests by source and destination workload.</summary>
    public bool TrafficMetrics { get; init; }

    /// <summary>Whether Retry objects count.</summary>
    public bool RetryPolicy { get; init; }

    /// <summary>Whether every proxy probes the endpoints it may call.</summary>
    public bool ActiveHealthChecks { get; init; }

    /// <summary>Who shall be asked about every request that reaches a proxy; null for nobody. Where no plugin has it asked, none is let in.</summary>
    public AuthorizationServer? InboundAuthorization { get; init; }

    /// <summary>How many proxies one control plane serves; 0 means any number.</summary>
    public int MaxProxies { get; init; }

    /// <summary>Lowest TLS version, in Envoy's spelling.</summary>
    public string TlsMinVersion { get; init; } = "TLSv1_2";

    /// <summary>Highest TLS version, in Envoy's spelling.</summary>
    public string TlsMaxVersion { get; init; } = "TLSv1_3";

    /// <summary>TLS 1.2 cipher suites; empty means Envoy's.</summary>
    public EquatableArray<string> CipherSuites { get; init; }

    /// <summary>ECDH curves; empty means Envoy's.</summary>
    public EquatableArray<string> EcdhCurves { get; init; }

    /// <summary>How long a workload certificate is valid.</summary>
    public TimeSpan CertificateValidity { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Size of the RSA keys of workload certificates; null means that their keys are ECDSA P-256.</summary>
    public int? RsaKeyBits { get; init; }

    /// <summary>Where spans of requests go; null for nowhere.</summary>
    public TracingCollector? Tracing { get; init; }

    /// <summary>Whether a setting asks for something.</summary>
    public bool Asks(MeshSetting setting) => setting switch
    {
        MeshSetting.TrafficMetrics => TrafficMetrics,
        MeshSetting.Tracing => Tracing is not null,
        MeshSetting.InboundAuthorization => InboundAuthorization is not null,
        _ => throw new ArgumentOutOfRangeException(nameof(setting), setting, "Not a setting."),
    };
}
