using System.Collections;
using OsmExt.Compiler.Endpoints;
using OsmExt.Envoy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// Services in order, with what translation asks about them again and again. In permissive mode all scopes share one, so what it
/// works out is worked out once for the mesh; and a set that differs little from one before is told what that one has worked out.
/// </summary>
internal sealed class ServiceSet : IReadOnlyList<MeshService>, IEquatable<ServiceSet>
{
    private readonly EquatableArray<MeshService> _services;
    private readonly Lazy<SortedList<int, MeshService[]>> _httpByPort;
    private readonly Lazy<MeshService[]> _tcp;
    private readonly Lazy<ServiceGroups> _groups;
    private Tuple<TrustBundle, TrustDomains, ServiceGroups, XdsResource[]>? _trust;

    public ServiceSet(EquatableArray<MeshService> services)
        : this(services, () => HttpOf(services), () => TcpOf(services), () => ServiceGroups.Of(services), null)
    {
    }

    private ServiceSet(EquatableArray<MeshService> services, Func<SortedList<int, MeshService[]>> http, Func<MeshService[]> tcp, Func<ServiceGroups> groups,
        Tuple<TrustBundle, TrustDomains, ServiceGroups, XdsResource[]>? trust)
        => (_services, _httpByPort, _tcp, _groups, _trust) = (services, new(http), new(tcp), new(groups), trust);

    public static ServiceSet Empty { get; } = new([]);

    /// <summary>The HTTP services of each port, ports in order, services in that of their virtual hosts.</summary>
    public SortedList<int, MeshService[]> HttpByPort => _httpByPort.Value;

    public IReadOnlyList<MeshService> Tcp => _tcp.Value;

    /// <summary>The services that share the secret which says whom to believe, ordered by that secret's name.</summary>
    public IReadOnlyList<MeshService[]> ByTrust => _groups.Value.All;

    /// <summary>Which Kubernetes Services it has any port of. Sets that have the same may share it.</summary>
    public ServiceKeys Keys => _groups.Value.Keys;

    /// <summary>A set of services, which need not work out what an earlier one has, as far as they are the same.</summary>
    public static ServiceSet Of(EquatableArray<MeshService> services, ServiceSet? before)
    {
        if (before is null || ServiceSetDifference.Between(before._services.AsSpan(), services.AsSpan()) is not { } difference)
        {
            return new(services);
        }

        if (difference.IsNone)
        {
            return before;
        }

        // What the earlier one has not worked out by now nobody may ask for at all, and the earlier one is not kept for it.
        var http = before._httpByPort.IsValueCreated ? before._httpByPort.Value : null;
        var tcp = before._tcp.IsValueCreated ? before._tcp.Value : null;
        var groups = before._groups.IsValueCreated ? before._groups.Value : null;
        return new(services,
            () => http is null ? HttpOf(services) : difference.Http(http),
            () => tcp is null || difference.HasTcp ? TcpOf(services) : tcp,
            () => groups is null ? ServiceGroups.Of(services) : groups.After(difference, services),
            before._trust);
    }

    /// <summary>What is made of each group of <see cref="ByTrust"/>. Two threads may make it twice; it is the same.</summary>
    public IReadOnlyList<XdsResource> Trust(TrustBundle bundle, TrustDomains domains, Func<MeshService[], TrustBundle, TrustDomains, XdsResource> make)
    {
        var (latest, groups) = (_trust, _groups.Value);
        if (latest is null || latest.Item1 != bundle || latest.Item2 != domains || !ReferenceEquals(latest.Item3, groups))
        {
            var known = latest is not null && latest.Item1 == bundle && latest.Item2 == domains ? latest : null;
            _trust = latest = new(bundle, domains, groups, groups.Made(known?.Item3, known?.Item4, group => make(group, bundle, domains)));
        }

        return latest.Item4;
    }

    /// <summary>The ports of a Kubernetes Service, and of the pods of a headless one.</summary>
    public IEnumerable<MeshService> At(ServiceKey key) => _groups.Value.At(key);

    public int Count => _services.Count;

    public MeshService this[int index] => _services[index];

    public bool Equals(ServiceSet? other) => other is not null && (ReferenceEquals(this, other) || _services == other._services);

    public override bool Equals(object? obj) => Equals(obj as ServiceSet);

    public override int GetHashCode() => _services.GetHashCode();

    public IEnumerator<MeshService> GetEnumerator() => _services.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static SortedList<int, MeshService[]> HttpOf(EquatableArray<MeshService> services)
        => new(services.Where(service => service.Protocol.IsHttp()).GroupBy(service => service.Port)
            .ToDictionary(group => group.Key, group => group.OrderBy(service => Names.OutboundVirtualHost(service.Name), StringComparer.Ordinal).ToArray()));

    private static MeshService[] TcpOf(EquatableArray<MeshService> services) => [.. services.Where(service => !service.Protocol.IsHttp())];
}
