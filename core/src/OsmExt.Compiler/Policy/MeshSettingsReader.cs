using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>Finds the one MeshConfig that counts. Without it everything that opens access is off.</summary>
internal static class MeshSettingsReader
{
    private const int DefaultKeyBits = 2048;

    public static MeshSettings Read(ResourceSnapshot snapshot, CompilerOptions options, DiagnosticBag diagnostics)
    {
        var key = new ResourceKey(nameof(MeshConfig), options.OsmNamespace, MeshConfig.WellKnownName);
        foreach (var other in snapshot.All<MeshConfig>().Where(config => config.Key != key))
        {
            diagnostics.Warning(DiagnosticCodes.IgnoredObject, other, "metadata.name", "it is not the mesh's configuration and has no effect",
                $"Name it {MeshConfig.WellKnownName} and put it in namespace {options.OsmNamespace}");
        }

        if (snapshot.Find<MeshConfig>(key) is not { } config)
        {
            diagnostics.Add(new(DiagnosticCodes.NoMeshConfig, Severity.Info, key, "",
                "There is no such object, so access follows TrafficTargets only and nothing leaves the mesh",
                $"Create MeshConfig {MeshConfig.WellKnownName} in namespace {options.OsmNamespace} to change that"));
            return new(options.TrustDomain) { RsaKeyBits = options.RsaCertificates ? DefaultKeyBits : null };
        }

        if (!options.RsaCertificates && config.CertificateKeyBits != DefaultKeyBits)
        {
            diagnostics.Warning(DiagnosticCodes.NotCarriedOut, config, "spec.certificate.certKeyBitSize",
                "keys of workloads are ECDSA P-256, which has one size only, so this has no effect",
                "Remove it, or run the control plane with --certificate-key rsa");
        }

        return new(options.TrustDomain)
        {
            RsaKeyBits = options.RsaCertificates ? config.CertificateKeyBits : null,
            InboundAuthorization = config.InboundAuthorization,
            MaxProxies = config.MaxProxies,
            Permissive = config.Permissive,
            EnableEgress = config.EnableEgress,
            TrafficMetrics = config.TrafficMetrics,
            RetryPolicy = config.RetryPolicy,
            ActiveHealthChecks = config.ActiveHealthChecks,
            TlsMinVersion = config.TlsMinVersion,
            TlsMaxVersion = config.TlsMaxVersion,
            CipherSuites = config.CipherSuites,
            EcdhCurves = config.EcdhCurves,
            CertificateValidity = config.CertificateValidity,
            Tracing = config.Tracing is { Address: "" } collector ? collector with { Address = $"jaeger.{options.OsmNamespace}.svc.{ServiceName.DnsSuffix}" } : config.Tracing,
        };
    }
}
