using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Resources;
using OsmExt.Yaml;

namespace OsmExt.Kubernetes.Views;

/// <summary>
/// OSM MeshRootCertificates. Where the key is (<c>secretRef</c>) matters on a cluster only, to whoever reads Secrets there; elsewhere the control plane has a
/// place of its own, named after the object.
/// </summary>
internal static class MeshRootCertificateView
{
    private const string DefaultTrustDomain = "cluster.local";
    private static readonly string[] Roles = ["active", "passive", "inactive"];

    public static FieldSet Reads { get; } = FieldSet.Of("spec.role", "spec.intent", "spec.trustDomain", "spec.provider");

    public static Resource From(MeshRootCertificateModel model, ResourceMetadata metadata, FieldReport report)
    {
        var spec = model.Spec ?? new();
        return new MeshRootCertificate(metadata)
        {
            Role = Role(spec, report),
            Provider = Provider(spec.Provider, report),
            TrustDomain = TrustDomain(spec.TrustDomain, report),
        };
    }

    private static RootRole Role(MeshRootCertificateSpec spec, FieldReport report)
    {
        var path = spec.Role is null && spec.Intent is not null ? "spec.intent" : "spec.role";
        var text = spec.Role ?? spec.Intent;
        report.Has(path, text, "Set it to active, or to passive for a root that is only believed");
        return report.OneOf(path, text, "", Roles) switch
        {
            "active" => RootRole.Active,
            "passive" => RootRole.Passive,
            _ => RootRole.Inactive,
        };
    }

    private static RootProvider Provider(RootProviderModel? model, FieldReport report)
    {
        RootProvider[] named =
        [
            .. model?.Tresor is null ? Array.Empty<RootProvider>() : [RootProvider.BuiltIn],
            .. model?.Vault is null ? Array.Empty<RootProvider>() : [RootProvider.Vault],
            .. model?.CertManager is null ? Array.Empty<RootProvider>() : [RootProvider.CertManager],
        ];
        if (named.Length == 0)
        {
            report.Missing("spec.provider", "Set tresor, for a key that the control plane keeps");
        }
        else if (named.Length > 1)
        {
            report.Invalid("spec.provider", "It names several providers", "Leave one of tresor, vault and certManager");
        }

        return named.FirstOrDefault();
    }

    private static string TrustDomain(string? text, FieldReport report)
    {
        if (text is { Length: 0 })
        {
            report.Invalid("spec.trustDomain", "It is empty", $"Leave it out for {DefaultTrustDomain}, or name a trust domain");
        }
        else if (text is not null && !DnsName.IsSubdomain(text))
        {
            report.Invalid("spec.trustDomain", $"{YamlScalar.Quote(text)} is no trust domain", $"Use a lower-case DNS name like {DefaultTrustDomain}");
        }

        return text ?? DefaultTrustDomain;
    }
}
