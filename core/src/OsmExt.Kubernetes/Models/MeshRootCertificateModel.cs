using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Kubernetes.Models;

/// <summary><c>config.openservicemesh.io</c> MeshRootCertificate.</summary>
internal sealed class MeshRootCertificateModel : CustomObject<MeshRootCertificateSpec>;

[CelRule("has(self.role) || has(self.intent)", "role must be set: active, passive or inactive", FieldPath = ".role")]
internal sealed class MeshRootCertificateSpec
{
    [JsonPropertyName("trustDomain")]
    [Description("The trust domain it issues in.")]
    [DefaultValue("cluster.local"), MinLength(1), MaxLength(253), RegularExpression(Patterns.DnsSubdomain)]
    public string? TrustDomain { get; set; }

    [JsonPropertyName("role")]
    [Description("active signs, passive is only believed, inactive is neither.")]
    [AllowedValues("active", "passive", "inactive")]
    public string? Role { get; set; }

    /// <summary>What <see cref="Role"/> was called for a while.</summary>
    [JsonPropertyName("intent")]
    [Description("What role was called for a while.")]
    [AllowedValues("active", "passive", "inactive")]
    public string? Intent { get; set; }

    [JsonPropertyName("spiffeEnabled")]
    [Description("Without effect: certificates carry a SPIFFE id always.")]
    [DefaultValue(false)]
    public bool? SpiffeEnabled { get; set; }

    [JsonPropertyName("provider")]
    [Description("Who has the key: exactly one of tresor, vault and certManager.")]
    [Required]
    [CelRule("self == oldSelf", "a root's provider cannot be changed; add another root")]
    public RootProviderModel? Provider { get; set; }
}

[CelRule("[has(self.tresor), has(self.vault), has(self.certManager)].filter(named, named).size() == 1", "exactly one of tresor, vault and certManager must be set")]
internal sealed class RootProviderModel
{
    [JsonPropertyName("tresor")]
    [Description("The control plane keeps the key.")]
    public TresorModel? Tresor { get; set; }

    [JsonPropertyName("vault")]
    [Description("HashiCorp Vault signs.")]
    public VaultModel? Vault { get; set; }

    [JsonPropertyName("certManager")]
    [Description("cert-manager signs.")]
    public CertManagerModel? CertManager { get; set; }
}

internal sealed class TresorModel
{
    [JsonPropertyName("ca")]
    [Description("Where OSM would keep the key.")]
    [Required]
    public TresorAuthorityModel? Authority { get; set; }
}

internal sealed class TresorAuthorityModel
{
    [JsonPropertyName("secretRef")]
    [Description("The Secret that OSM would keep it in.")]
    [Required]
    public SecretNameModel? SecretRef { get; set; }
}

internal class SecretNameModel
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

internal sealed class SecretKeyModel : SecretNameModel
{
    [JsonPropertyName("key")]
    [Description("The key within the Secret.")]
    [Required, Length(1, 253)]
    public string? Key { get; set; }
}

internal sealed class VaultModel
{
    [JsonPropertyName("host")]
    [Description("Vault's host.")]
    [Required, MinLength(1)]
    public string? Host { get; set; }

    [JsonPropertyName("port")]
    [Description("Vault's port.")]
    [Required, Range(1, 65535)]
    public int? Port { get; set; }

    [JsonPropertyName("role")]
    [Description("The role of Vault's PKI engine.")]
    [Required, MinLength(1)]
    public string? Role { get; set; }

    [JsonPropertyName("protocol")]
    [Description("How Vault is spoken to.")]
    [Required, AllowedValues("http", "https")]
    public string? Protocol { get; set; }

    [JsonPropertyName("token")]
    [Description("The token.")]
    [Required]
    public VaultTokenModel? Token { get; set; }
}

internal sealed class VaultTokenModel
{
    [JsonPropertyName("secretKeyRef")]
    [Description("The Secret that holds it.")]
    [Required]
    public SecretKeyModel? SecretKeyRef { get; set; }
}

internal sealed class CertManagerModel
{
    [JsonPropertyName("issuerName")]
    [Description("The issuer's name.")]
    [Required, MinLength(1)]
    public string? IssuerName { get; set; }

    [JsonPropertyName("issuerKind")]
    [Description("The issuer's kind.")]
    [Required, AllowedValues("ClusterIssuer", "Issuer")]
    public string? IssuerKind { get; set; }

    [JsonPropertyName("issuerGroup")]
    [Description("The issuer's API group, such as cert-manager.io.")]
    [Required, MinLength(1)]
    public string? IssuerGroup { get; set; }
}
