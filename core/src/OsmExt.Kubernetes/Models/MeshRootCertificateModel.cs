using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Models;

/// <summary><c>config.openservicemesh.io</c> MeshRootCertificate.</summary>
internal sealed class MeshRootCertificateModel : CustomObject<MeshRootCertificateSpec>;

internal sealed class MeshRootCertificateSpec
{
    [JsonPropertyName("trustDomain")]
    public string? TrustDomain { get; set; }

    [JsonPropertyName("role")]
    public string? Role { get; set; }

    /// <summary>What <see cref="Role"/> was called for a while.</summary>
    [JsonPropertyName("intent")]
    public string? Intent { get; set; }

    [JsonPropertyName("spiffeEnabled")]
    public bool? SpiffeEnabled { get; set; }

    [JsonPropertyName("provider")]
    public RootProviderModel? Provider { get; set; }
}

internal sealed class RootProviderModel
{
    [JsonPropertyName("tresor")]
    public TresorModel? Tresor { get; set; }

    [JsonPropertyName("vault")]
    public VaultModel? Vault { get; set; }

    [JsonPropertyName("certManager")]
    public CertManagerModel? CertManager { get; set; }
}

internal sealed class TresorModel
{
    [JsonPropertyName("ca")]
    public TresorAuthorityModel? Authority { get; set; }
}

internal sealed class TresorAuthorityModel
{
    [JsonPropertyName("secretRef")]
    public SecretNameModel? SecretRef { get; set; }
}

internal class SecretNameModel
{
    [JsonPropertyName("name")]
    public string? Name { get; set; }

    [JsonPropertyName("namespace")]
    public string? Namespace { get; set; }
}

internal sealed class SecretKeyModel : SecretNameModel
{
    [JsonPropertyName("key")]
    public string? Key { get; set; }
}

internal sealed class VaultModel
{
    [JsonPropertyName("host")]
    public string? Host { get; set; }

    [JsonPropertyName("port")]
    public int? Port { get; set; }

    [JsonPropertyName("role")]
    public string? Role { get; set; }

    [JsonPropertyName("protocol")]
    public string? Protocol { get; set; }

    [JsonPropertyName("token")]
    public VaultTokenModel? Token { get; set; }
}

internal sealed class VaultTokenModel
{
    [JsonPropertyName("secretKeyRef")]
    public SecretKeyModel? SecretKeyRef { get; set; }
}

internal sealed class CertManagerModel
{
    [JsonPropertyName("issuerName")]
    public string? IssuerName { get; set; }

    [JsonPropertyName("issuerKind")]
    public string? IssuerKind { get; set; }

    [JsonPropertyName("issuerGroup")]
    public string? IssuerGroup { get; set; }
}
