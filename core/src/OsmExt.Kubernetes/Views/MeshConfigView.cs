using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>OSM MeshConfigs: every section is checked, also the fields that only other parts of the mesh act on.</summary>
internal static class MeshConfigView
{
    private static readonly string[] TlsVersions = ["TLS_AUTO", "TLSv1_0", "TLSv1_1", "TLSv1_2", "TLSv1_3"];
    private const int TracingPort = 9411;
    private const string TracingPath = "/api/v2/spans";

    public static FieldSet Reads { get; } = FieldSet.Of("spec");

    public static Resource From(MeshConfigModel model, ResourceMetadata metadata, FieldReport report)
    {
        var spec = model.Spec ?? new();
        var config = Sidecar(new MeshConfig(metadata), spec.Sidecar ?? new(), report) with
        {
            Permissive = spec.Traffic?.EnablePermissiveTrafficPolicyMode ?? false,
            EnableEgress = spec.Traffic?.EnableEgress ?? false,
            InboundAuthorization = Authorization(spec.Traffic?.InboundExternalAuthorization, report),
            TrafficMetrics = spec.FeatureFlags?.EnableWASMStats ?? false,
            RetryPolicy = spec.FeatureFlags?.EnableRetryPolicy ?? false,
            ActiveHealthChecks = spec.FeatureFlags?.EnableEnvoyActiveHealthChecks ?? false,
            Tracing = Tracing(spec.Observability?.Tracing),
            Sidecar = SidecarSettingsView.From(spec.Sidecar ?? new(), spec.Traffic ?? new(), report),
        };
        Observability(spec.Observability ?? new(), report);
        config = spec.Certificate is null ? config : Certificate(config, spec.Certificate, report);
        MeshConfigReview.Report(spec, report);
        return config;
    }

    private static MeshConfig Sidecar(MeshConfig config, SidecarModel model, FieldReport report)
    {
        report.Duration("spec.sidecar.configResyncInterval", model.ConfigResyncInterval, zeroAllowed: true);
        var lowest = report.OneOf("spec.sidecar.tlsMinProtocolVersion", model.TlsMinProtocolVersion, config.TlsMinVersion, TlsVersions);
        var highest = report.OneOf("spec.sidecar.tlsMaxProtocolVersion", model.TlsMaxProtocolVersion, config.TlsMaxVersion, TlsVersions);
        if (Array.IndexOf(TlsVersions, highest) is > 0 and var last && last < Array.IndexOf(TlsVersions, lowest))
        {
            report.Invalid("spec.sidecar.tlsMaxProtocolVersion", $"The highest TLS version, {highest}, is below the lowest, {lowest}",
                "Raise the one or lower the other");
        }

        return config with
        {
            TlsMinVersion = lowest,
            TlsMaxVersion = highest,
            CipherSuites = TlsNames.CipherSuites(report, "spec.sidecar.cipherSuites", model.CipherSuites),
            EcdhCurves = TlsNames.Curves(report, "spec.sidecar.ecdhCurves", model.EcdhCurves),
            MaxProxies = report.InRange("spec.sidecar.maxDataPlaneConnections", model.MaxDataPlaneConnections, 0, int.MaxValue) ?? 0,
        };
    }

    private static AuthorizationServer? Authorization(ExternalAuthorizationModel? model, FieldReport report)
    {
        const string Path = "spec.traffic.inboundExternalAuthorization";
        if (model is null)
        {
            return null;
        }

        report.Port($"{Path}.port", model.Port);
        var timeout = report.Duration($"{Path}.timeout", model.Timeout);
        if (model.Enable != true)
        {
            return null;
        }

        report.Host($"{Path}.address", model.Address, "Give the host of the authorization server");
        if (model.Port is null)
        {
            report.Missing($"{Path}.port", "Give the port of the authorization server");
        }

        var server = new AuthorizationServer(model.Address ?? "", model.Port ?? 0) { FailureModeAllow = model.FailureModeAllow ?? false };
        return server with
        {
            StatPrefix = string.IsNullOrEmpty(model.StatPrefix) ? server.StatPrefix : model.StatPrefix,
            Timeout = timeout ?? server.Timeout,
        };
    }

    private static void Observability(ObservabilityModel model, FieldReport report)
    {
        report.OneOf("spec.observability.osmLogLevel", model.OsmLogLevel, "info",
            "trace", "debug", "info", "warn", "error", "fatal", "panic", "disabled", "off");
        report.InRange("spec.observability.tracing.port", model.Tracing?.Port, 0, 65535);
    }

    // Port 0 is what a Go program writes for none.
    private static TracingCollector? Tracing(TracingModel? model) => model?.Enable != true ? null : new(
        model.Address ?? "", model.Port is > 0 and var port ? port : TracingPort, string.IsNullOrEmpty(model.Endpoint) ? TracingPath : model.Endpoint);

    private static MeshConfig Certificate(MeshConfig config, CertificateModel model, FieldReport report)
    {
        if (string.IsNullOrEmpty(model.ServiceCertValidityDuration))
        {
            report.Missing("spec.certificate.serviceCertValidityDuration", "Set it; 24h is in force", Severity.Warning);
        }

        if (model.CertKeyBitSize is not (null or 2048 or 3072 or 4096))
        {
            report.Invalid("spec.certificate.certKeyBitSize",
                FormattableString.Invariant($"{model.CertKeyBitSize} is no size of a key that is issued"), "Use 2048, 3072 or 4096");
        }

        var validity = report.Duration("spec.certificate.serviceCertValidityDuration", model.ServiceCertValidityDuration);
        return config with
        {
            CertificateValidity = validity ?? config.CertificateValidity,
            CertificateKeyBits = model.CertKeyBitSize ?? config.CertificateKeyBits,
            IngressGateway = model.IngressGateway is { } gateway ? IngressGateway(gateway, report) : null,
        };
    }

    private static GatewayCertificate? IngressGateway(IngressGatewayModel gateway, FieldReport report)
    {
        const string Path = "spec.certificate.ingressGateway";
        if (gateway.SubjectAltNames is not { Count: > 0 })
        {
            report.Missing($"{Path}.subjectAltNames", "Name the gateway the certificate is for");
        }

        Each(gateway.SubjectAltNames, $"{Path}.subjectAltNames", (at, name) =>
        {
            if (!DnsName.IsSubdomain(name))
            {
                report.Invalid(at, $"\"{name}\" is no name that a certificate can carry", DnsName.SubdomainRule);
            }
        });
        TimeSpan? validity = null;
        if (report.Has($"{Path}.validityDuration", gateway.ValidityDuration, "Set how long the certificate is valid, for example 24h"))
        {
            validity = report.Duration($"{Path}.validityDuration", gateway.ValidityDuration);
        }

        return report.Has($"{Path}.secret.name", gateway.Secret?.Name, "Name the secret the certificate is stored in")
            & report.Has($"{Path}.secret.namespace", gateway.Secret?.Namespace, "Name the secret's namespace")
            && IsName($"{Path}.secret.name", gateway.Secret!.Name!, DnsName.IsSubdomain, DnsName.SubdomainRule, report)
            & IsName($"{Path}.secret.namespace", gateway.Secret.Namespace!, DnsName.IsLabel, DnsName.LabelRule, report)
            && gateway.SubjectAltNames is { Count: > 0 } names
                ? new([.. names], validity ?? TimeSpan.FromHours(24), gateway.Secret.Namespace!, gateway.Secret.Name!) : null;
    }

    private static bool IsName(string path, string name, Func<string, bool> isGood, string rule, FieldReport report)
    {
        if (!isGood(name))
        {
            report.Invalid(path, $"\"{name}\" is not a name", rule);
        }

        return isGood(name);
    }

    private static void Each<T>(IList<T>? items, string path, Action<string, T> check)
    {
        for (var i = 0; i < (items?.Count ?? 0); i++)
        {
            check($"{path}[{i}]", items![i]);
        }
    }
}
