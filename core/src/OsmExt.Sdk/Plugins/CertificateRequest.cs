using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Sdk.Plugins;

/// <summary>
/// Asks the mesh's authority for a certificate for somebody outside the mesh, or for what the mesh believes. The mesh issues it, renews it, and keeps
/// it in a Secret for as long as it is asked for; the plugin sees nothing of it. Whom a plugin may have certificates issued for the operator decides.
/// </summary>
/// <param name="Slot">The name of what the manifest declares in <c>certificates</c>.</param>
/// <param name="Secret">The Secret: <c>tls.crt</c>, <c>tls.key</c>, and the roots in <c>ca.crt</c>.</param>
public sealed record CertificateRequest(string Slot, ObjectName Secret)
{
    /// <summary>The namespace that <see cref="Outside"/> names are in, for access rules; no namespace of Kubernetes may be called so then.</summary>
    public const string OutsideNamespace = "outside";

    /// <summary>The service account whose workload it is for, and whose identity it proves; null for none.</summary>
    public ObjectName? ServiceAccount { get; init; }

    /// <summary>The name of somebody who is no service account: the identity is that of a service account of this name in <see cref="OutsideNamespace"/>. Empty for none.</summary>
    public string Outside { get; init; } = "";

    /// <summary>DNS names it carries besides.</summary>
    public EquatableArray<string> DnsNames { get; init; }

    /// <summary>Which side of TLS it is for; empty for both.</summary>
    public EquatableArray<CertificateUsage> Usages { get; init; }

    /// <summary>How long it is valid; null for as long as certificates of workloads are. It is renewed after two thirds of that.</summary>
    public TimeSpan? Validity { get; init; }

    /// <summary>Whether only the roots are asked for, and no certificate.</summary>
    public bool RootsOnly { get; init; }

    /// <summary>The object it was made from; it is named in findings.</summary>
    public ResourceKey? Origin { get; init; }
}

/// <summary>Which side of TLS a certificate is for.</summary>
public enum CertificateUsage
{
    /// <summary>Whoever connects.</summary>
    Client,

    /// <summary>Whoever is connected to.</summary>
    Server,
}

/// <summary>What a plugin's manifest declares to ask certificates for.</summary>
/// <param name="Name">Unique within the plugin's certificates.</param>
public sealed record CertificateSlot(string Name)
{
    /// <summary>The kind whose objects ask, one request for each; empty where the plugin's code does.</summary>
    public string For { get; init; } = "";

    /// <summary>The template that makes the request, relative to the plugin's folder; empty where the plugin's code does.</summary>
    public string Template { get; init; } = "";
}

/// <summary>Names an object in a namespace.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Name">The name.</param>
public sealed record ObjectName(string Namespace, string Name) : IComparable<ObjectName>
{
    /// <summary>Orders by namespace, then name, ordinally.</summary>
    public int CompareTo(ObjectName? other) => other is null ? 1 : string.CompareOrdinal(Namespace, other.Namespace) is var order && order != 0 ? order : string.CompareOrdinal(Name, other.Name);

    /// <summary><c>NAMESPACE/NAME</c>.</summary>
    public override string ToString() => $"{Namespace}/{Name}";

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator <(ObjectName left, ObjectName right) => Comparer<ObjectName>.Default.Compare(left, right) < 0;

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator >(ObjectName left, ObjectName right) => Comparer<ObjectName>.Default.Compare(left, right) > 0;

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator <=(ObjectName left, ObjectName right) => Comparer<ObjectName>.Default.Compare(left, right) <= 0;

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator >=(ObjectName left, ObjectName right) => Comparer<ObjectName>.Default.Compare(left, right) >= 0;
}
