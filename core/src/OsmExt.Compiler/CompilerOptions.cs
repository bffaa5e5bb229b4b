namespace OsmExt.Compiler;

/// <summary>What the operator, not the mesh's objects, decides about a mesh.</summary>
internal sealed record CompilerOptions
{
    /// <summary>Namespaces labelled <c>openservicemesh.io/monitored-by</c> with this name are part of the mesh.</summary>
    public string MeshName { get; init; } = "osm";

    /// <summary>Where the mesh's own configuration object lives.</summary>
    public string OsmNamespace { get; init; } = "osm-system";

    /// <summary>
    /// The trust domain a mesh begins with. Identities are written in it within the control plane, also when MeshRootCertificates
    /// have since led proxies to another.
    /// </summary>
    public string TrustDomain { get; init; } = "cluster.local";

    /// <summary>
    /// Whether only pods that were given a sidecar have one, as in a cluster, where pods older than their namespace's label run without. Where nothing is injected, manifests say
    /// which pods are to have one.
    /// </summary>
    public bool OnlyInjected { get; init; }

    /// <summary>
    /// Whether workload certificates have RSA keys, of the size the MeshConfig says, rather than ECDSA P-256. The MeshConfig alone cannot
    /// tell: a stock installation always writes a size.
    /// </summary>
    public bool RsaCertificates { get; init; }
}
