namespace OsmExt.Sdk.Identity;

/// <summary>
/// Who the control plane is towards proxies. A proxy's bootstrap pins <see cref="SpiffeId"/>, so that no workload, whose
/// certificate serves TLS too, can pass for the control plane.
/// </summary>
/// <param name="TrustDomain">For example <c>cluster.local</c>.</param>
public sealed record XdsServerIdentity(string TrustDomain)
{
    private const string Name = "ads";

    /// <summary><c>spiffe://TRUST-DOMAIN/ads</c>: one segment, where workloads have two and proxies four.</summary>
    public string SpiffeId => $"spiffe://{TrustDomain}/{Name}";

    /// <summary><c>ads.TRUST-DOMAIN</c>, for clients that verify DNS names.</summary>
    public string DnsName => $"{Name}.{TrustDomain}";
}
