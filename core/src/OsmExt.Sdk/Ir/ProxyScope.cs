using System.Collections.Frozen;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;

namespace OsmExt.Sdk.Ir;

/// <summary>
/// All that translation may know about a proxy. Proxies with equal scopes get the same bytes, so replicas of a workload are
/// translated and serialized once.
/// </summary>
/// <param name="Identity">Whom the pod runs as.</param>
/// <param name="Services">The services whose selector picks the pod, sorted.</param>
/// <param name="Capabilities">What the proxy said it can do.</param>
public sealed record ProxyScope(WorkloadIdentity Identity, EquatableArray<ServiceName> Services, ProxyCapabilities Capabilities)
{
    /// <summary>Whether the pod asks to be scraped (<c>prometheus.io/scrape</c>).</summary>
    public bool Scraped { get; init; }

    /// <summary>The workload the pod belongs to, for telemetry.</summary>
    public WorkloadReference Workload { get; init; } = WorkloadReference.Unknown;

    /// <summary>The selections of pods by labels that somebody asks for and the pod is in. No other label of it counts.</summary>
    public EquatableArray<LabelSet> Selections { get; init; }

    /// <summary>Whether the pod has an IPv4 address, or none at all yet.</summary>
    public bool IPv4 { get; init; } = true;

    /// <summary>Whether the pod has an IPv6 address.</summary>
    public bool IPv6 { get; init; }

    /// <summary>Whether the pod could open a connection to an address, which takes an address of its family.</summary>
    public bool Reaches(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.Contains(':', StringComparison.Ordinal) ? IPv6 : IPv4;
    }
}

/// <summary>
/// What a proxy offers, from its first request. It is sent nothing else; what is left out is reported, and where it was there
/// to restrict access, the traffic it guarded is denied.
/// </summary>
public sealed class ProxyCapabilities : IEquatable<ProxyCapabilities>
{
    private readonly string _digest;

    /// <summary>The version and the extension type URLs the proxy listed.</summary>
    /// <param name="version">For example <c>1.40.0</c>; empty when it did not say.</param>
    /// <param name="typeUrls">Type URLs of its extensions; order and repeats do not matter.</param>
    public ProxyCapabilities(string version, IEnumerable<string> typeUrls)
    {
        Version = version;
        TypeUrls = typeUrls.ToFrozenSet(StringComparer.Ordinal);
        _digest = string.Join('\n', TypeUrls.Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// Whether it speaks the incremental variant of xDS, in which more can be sent in small pieces. The configuration is the same
    /// in the end.
    /// </summary>
    public bool Incremental { get; init; }

    /// <summary>Whether it is the embedded data plane and no Envoy. Its version is that of the Envoy it decides like.</summary>
    public bool IsEmbedded { get; init; }

    /// <summary>The proxy's version; empty when unknown.</summary>
    public string Version { get; }

    /// <summary>Type URLs of its extensions, without the <c>type.googleapis.com/</c> prefix.</summary>
    public FrozenSet<string> TypeUrls { get; }

    /// <summary>Whether the proxy has an extension of that type, given with or without prefix.</summary>
    public bool Offers(string typeUrl)
    {
        ArgumentNullException.ThrowIfNull(typeUrl);
        return TypeUrls.Contains(typeUrl[(typeUrl.LastIndexOf('/') + 1)..]);
    }

    /// <summary>Whether both offer the same.</summary>
    public bool Equals(ProxyCapabilities? other)
        => other is not null && (ReferenceEquals(this, other)
            || (Incremental == other.Incremental
                && IsEmbedded == other.IsEmbedded
                && string.Equals(Version, other.Version, StringComparison.Ordinal)
                && string.Equals(_digest, other._digest, StringComparison.Ordinal)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ProxyCapabilities);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Version, TypeUrls.Count, Incremental);

    /// <summary>The version and how many extensions there are.</summary>
    public override string ToString() => IsEmbedded ? $"the embedded data plane, like Envoy {Version}, with {TypeUrls.Count} extensions"
        : $"Envoy {(Version.Length == 0 ? "of unknown version" : Version)}, {TypeUrls.Count} extensions";
}
