using System.Collections;
using OsmExt.Compiler.Endpoints;
using OsmExt.Envoy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// Services in order, with what translation asks about them again and again. In permissive mode all scopes share one, so what it
/// works out is worked out once for the mesh.
/// </summary>
internal sealed class ServiceSet : IReadOnlyList<MeshService>, IEquatable<ServiceSet>
{
    private readonly EquatableArray<MeshService> _services;
    private readonly Lazy<SortedList<int, MeshService[]>> _httpByPort;
    private readonly Lazy<MeshService[]> _tcp;
    private readonly Lazy<MeshService[][]> _byTrust;
    private readonly Lazy<ILookup<ServiceKey, MeshService>> _byKey;
    private Tuple<TrustBundle, TrustDomains, XdsResource[]>? _trust;

    public ServiceSet(EquatableArray<MeshService> services)
    {
        _services = services;
        _httpByPort = new(() => new(services.Where(service => service.Protocol.IsHttp()).GroupBy(service => service.Port)
            .ToDictionary(group => group.Key,
                group => group.OrderBy(service => Names.OutboundVirtualHost(service.Name), StringComparer.Ordinal).ToArray())));
        _tcp = new(() => [.. services.Where(service => !service.Protocol.IsHttp())]);
        _byTrust = new(() => [.. services.GroupBy(service => Names.OutboundTrust(service.Name), StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => group.ToArray())]);
        _byKey = new(() => services.ToLookup(service => ServiceKey.Of(service.Name)));
    }

    public static ServiceSet Empty { get; } = new([]);

    /// <summary>The HTTP services of each port, ports in order, services in that of their virtual hosts.</summary>
    public SortedList<int, MeshService[]> HttpByPort => _httpByPort.Value;

    public IReadOnlyList<MeshService> Tcp => _tcp.Value;

    /// <summary>The services that share the secret which says whom to believe, ordered by that secret's name.</summary>
    public IReadOnlyList<MeshService[]> ByTrust => _byTrust.Value;

    /// <summary>What is made of each group of <see cref="ByTrust"/>. Two threads may make it twice; it is the same.</summary>
    public IReadOnlyList<XdsResource> Trust(TrustBundle bundle, TrustDomains domains, Func<MeshService[], TrustBundle, TrustDomains, XdsResource> make)
    {
        var latest = _trust;
        if (latest is null || latest.Item1 != bundle || latest.Item2 != domains)
        {
            _trust = latest = new(bundle, domains, [.. ByTrust.Select(group => make(group, bundle, domains))]);
        }

        return latest.Item3;
    }

    /// <summary>The ports of a Kubernetes Service, and of the pods of a headless one.</summary>
    public IEnumerable<MeshService> At(ServiceKey key) => _byKey.Value[key];

    public int Count => _services.Count;

    public MeshService this[int index] => _services[index];

    public bool Equals(ServiceSet? other) => other is not null && (ReferenceEquals(this, other) || _services == other._services);

    public override bool Equals(object? obj) => Equals(obj as ServiceSet);

    public override int GetHashCode() => _services.GetHashCode();

    public IEnumerator<MeshService> GetEnumerator() => _services.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
