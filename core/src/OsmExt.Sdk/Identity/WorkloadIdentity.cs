using System.Diagnostics.CodeAnalysis;

namespace OsmExt.Sdk.Identity;

/// <summary>
/// Who a workload is: a Kubernetes service account inside a trust domain. It is the unit of access control and of
/// certificates, and the only thing a proxy is believed to be.
/// </summary>
/// <param name="TrustDomain">For example <c>cluster.local</c>. Independent of the cluster's DNS suffix.</param>
/// <param name="Namespace">The service account's namespace.</param>
/// <param name="ServiceAccount">The service account's name. It may contain dots.</param>
public sealed record WorkloadIdentity(string TrustDomain, string Namespace, string ServiceAccount) : IComparable<WorkloadIdentity>
{
    private const string Scheme = "spiffe://";

    /// <summary>The SPIFFE id in OSM's form, <c>spiffe://TRUST-DOMAIN/SERVICE-ACCOUNT/NAMESPACE</c>. Access rules compare this.</summary>
    public string SpiffeId => $"{Scheme}{TrustDomain}/{ServiceAccount}/{Namespace}";

    /// <summary>OSM's DNS form, <c>SERVICE-ACCOUNT.NAMESPACE.TRUST-DOMAIN</c>. Ingress gateways verify this name.</summary>
    public string DnsName => $"{ServiceAccount}.{Namespace}.{TrustDomain}";

    /// <summary>The same service account as another trust domain calls it.</summary>
    public WorkloadIdentity In(string trustDomain)
        => string.Equals(TrustDomain, trustDomain, StringComparison.Ordinal) ? this : this with { TrustDomain = trustDomain };

    /// <summary>Reads <see cref="SpiffeId"/> back; false when the text is no workload's SPIFFE id.</summary>
    public static bool TryParse([NotNullWhen(true)] string? spiffeId, [NotNullWhen(true)] out WorkloadIdentity? identity)
    {
        identity = null;
        if (spiffeId is null || !spiffeId.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return false;
        }

        if (spiffeId[Scheme.Length..].Split('/') is not [{ Length: > 0 } trustDomain, { Length: > 0 } account, { Length: > 0 } ns])
        {
            return false;
        }

        identity = new WorkloadIdentity(trustDomain, ns, account);
        return true;
    }

    /// <summary>Orders by namespace, then service account, then trust domain, ordinally.</summary>
    public int CompareTo(WorkloadIdentity? other)
    {
        if (other is null)
        {
            return 1;
        }

        var order = string.CompareOrdinal(Namespace, other.Namespace);
        order = order != 0 ? order : string.CompareOrdinal(ServiceAccount, other.ServiceAccount);
        return order != 0 ? order : string.CompareOrdinal(TrustDomain, other.TrustDomain);
    }

    /// <summary>The SPIFFE id.</summary>
    public override string ToString() => SpiffeId;

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator <(WorkloadIdentity left, WorkloadIdentity right) => Comparer<WorkloadIdentity>.Default.Compare(left, right) < 0;

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator >(WorkloadIdentity left, WorkloadIdentity right) => Comparer<WorkloadIdentity>.Default.Compare(left, right) > 0;

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator <=(WorkloadIdentity left, WorkloadIdentity right) => Comparer<WorkloadIdentity>.Default.Compare(left, right) <= 0;

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator >=(WorkloadIdentity left, WorkloadIdentity right) => Comparer<WorkloadIdentity>.Default.Compare(left, right) >= 0;
}
