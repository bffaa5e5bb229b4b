namespace OsmExt.Sdk.Ir;

/// <summary>Names a service, or one pod of a headless service.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">The Kubernetes Service's name.</param>
/// <param name="Subdomain">The pod's hostname inside a headless service; empty for the service as a whole.</param>
public sealed record ServiceName(string Namespace, string Name, string Subdomain = "") : IComparable<ServiceName>
{
    /// <summary>The DNS suffix of services. It has nothing to do with the trust domain.</summary>
    public const string DnsSuffix = "cluster.local";

    /// <summary>The name inside its namespace: <c>NAME</c>, or <c>SUBDOMAIN.NAME</c>.</summary>
    public string Local => Subdomain.Length == 0 ? Name : $"{Subdomain}.{Name}";

    /// <summary>The full DNS name; also what a client's proxy sends as SNI.</summary>
    public string Fqdn => $"{Local}.{Namespace}.svc.{DnsSuffix}";

    /// <summary>Whether a host name is of the form of <see cref="Fqdn"/>, so that it means a service and nothing outside the cluster.</summary>
    public static bool IsFqdn(string host) => host?.EndsWith($".svc.{DnsSuffix}", StringComparison.Ordinal) == true;

    /// <summary>Orders by namespace, name and subdomain, ordinally.</summary>
    public int CompareTo(ServiceName? other)
    {
        if (other is null)
        {
            return 1;
        }

        var order = string.CompareOrdinal(Namespace, other.Namespace);
        order = order != 0 ? order : string.CompareOrdinal(Name, other.Name);
        return order != 0 ? order : string.CompareOrdinal(Subdomain, other.Subdomain);
    }

    /// <summary><c>NAMESPACE/NAME</c> or <c>NAMESPACE/SUBDOMAIN.NAME</c>, as generated names have it.</summary>
    public override string ToString() => $"{Namespace}/{Local}";

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator <(ServiceName left, ServiceName right) => Comparer<ServiceName>.Default.Compare(left, right) < 0;

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator >(ServiceName left, ServiceName right) => Comparer<ServiceName>.Default.Compare(left, right) > 0;

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator <=(ServiceName left, ServiceName right) => Comparer<ServiceName>.Default.Compare(left, right) <= 0;

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator >=(ServiceName left, ServiceName right) => Comparer<ServiceName>.Default.Compare(left, right) >= 0;
}
