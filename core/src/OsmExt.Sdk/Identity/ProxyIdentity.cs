using System.Diagnostics.CodeAnalysis;

namespace OsmExt.Sdk.Identity;

/// <summary>
/// Who a proxy is towards the control plane: one pod's sidecar. Its client certificate carries it as a SPIFFE id of four
/// segments, so no workload certificate (two segments) can pass for one.
/// </summary>
/// <param name="Uuid">Ties the proxy to one pod.</param>
/// <param name="Workload">The identity the pod runs as.</param>
public sealed record ProxyIdentity(Guid Uuid, WorkloadIdentity Workload)
{
    private const string Scheme = "spiffe://";
    private const string SidecarKind = "sidecar";

    /// <summary><c>spiffe://TRUST-DOMAIN/UUID/sidecar/SERVICE-ACCOUNT/NAMESPACE</c>.</summary>
    public string SpiffeId => $"{Scheme}{Workload.TrustDomain}/{Uuid:D}/{SidecarKind}/{Workload.ServiceAccount}/{Workload.Namespace}";

    /// <summary>
    /// The <c>node.id</c> the proxy must present, <c>UUID.sidecar.SERVICE-ACCOUNT.NAMESPACE.TRUST-DOMAIN</c>; also the DNS name
    /// in its client certificate.
    /// </summary>
    public string NodeId => $"{Uuid:D}.{SidecarKind}.{Workload.ServiceAccount}.{Workload.Namespace}.{Workload.TrustDomain}";

    /// <summary>The same sidecar as another trust domain calls it.</summary>
    public ProxyIdentity In(string trustDomain) => this with { Workload = Workload.In(trustDomain) };

    /// <summary>Reads <see cref="SpiffeId"/> back; false when the text is no sidecar's SPIFFE id.</summary>
    public static bool TryParse([NotNullWhen(true)] string? spiffeId, [NotNullWhen(true)] out ProxyIdentity? identity)
    {
        identity = null;
        if (spiffeId is null || !spiffeId.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return false;
        }

        if (spiffeId[Scheme.Length..].Split('/') is not
            [{ Length: > 0 } trustDomain, var uuid, SidecarKind, { Length: > 0 } account, { Length: > 0 } ns]
            || !Guid.TryParseExact(uuid, "D", out var parsed))
        {
            return false;
        }

        identity = new ProxyIdentity(parsed, new WorkloadIdentity(trustDomain, ns, account));
        return true;
    }
}
