namespace OsmExt.Sdk.Resources;

/// <summary>OSM MeshRootCertificate: one root of the mesh and what its owner wants of it.</summary>
public sealed record MeshRootCertificate(ResourceMetadata Metadata) : Resource(Metadata)
{
    /// <summary>The root a mesh has before anybody asks for another.</summary>
    public const string DefaultName = "osm-mesh-root-certificate";

    /// <inheritdoc/>
    public override string Kind => nameof(MeshRootCertificate);

    /// <summary>What it is for.</summary>
    public required RootRole Role { get; init; }

    /// <summary>Who keeps the key.</summary>
    public required RootProvider Provider { get; init; }

    /// <summary>The trust domain it vouches for.</summary>
    public required string TrustDomain { get; init; }
}

/// <summary>What a root is for.</summary>
public enum RootRole
{
    /// <summary>Nothing.</summary>
    Inactive,

    /// <summary>Its certificates are believed.</summary>
    Passive,

    /// <summary>It signs, and its certificates are believed.</summary>
    Active,
}

/// <summary>Who keeps a root's key.</summary>
public enum RootProvider
{
    /// <summary>The control plane itself (<c>tresor</c>).</summary>
    BuiltIn,

    /// <summary>HashiCorp Vault.</summary>
    Vault,

    /// <summary>cert-manager.</summary>
    CertManager,
}
