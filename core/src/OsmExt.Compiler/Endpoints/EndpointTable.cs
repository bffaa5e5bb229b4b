using System.Collections.Immutable;
using OsmExt.Compiler.Policy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Endpoints;

/// <summary>
/// Who serves each service right now. It is kept apart from policy because it changes far more often: an update touches the
/// services named by the change and nothing else.
/// </summary>
internal sealed class EndpointTable
{
    // By namespace, so that policy sees at a glance where nothing has changed.
    private readonly ImmutableDictionary<string, ImmutableDictionary<ServiceKey, ServiceEndpoints>> _services;
    private readonly ImmutableDictionary<ServiceKey, ImmutableSortedDictionary<ResourceKey, EndpointSlice>> _slices;
    private readonly ImmutableDictionary<string, ImmutableSortedSet<ServiceKey>> _byAddress;
    private readonly AddressBook _book;
    private readonly string _trustDomain;

    private EndpointTable(
        ImmutableDictionary<string, ImmutableDictionary<ServiceKey, ServiceEndpoints>> services,
        ImmutableDictionary<ServiceKey, ImmutableSortedDictionary<ResourceKey, EndpointSlice>> slices,
        ImmutableDictionary<string, ImmutableSortedSet<ServiceKey>> byAddress,
        AddressBook book,
        string trustDomain)
    {
        _services = services;
        _slices = slices;
        _byAddress = byAddress;
        _book = book;
        _trustDomain = trustDomain;
    }

    /// <summary>The table of a whole snapshot.</summary>
    public static EndpointTable Of(ResourceSnapshot snapshot, CompilerOptions options)
    {
        var namespaces = MonitoredNamespaces.Of(snapshot, options);
        var book = AddressBook.Of(namespaces.All<Pod>(snapshot), snapshot, options.TrustDomain);
        var empty = new EndpointTable(
            ImmutableDictionary<string, ImmutableDictionary<ServiceKey, ServiceEndpoints>>.Empty,
            ImmutableDictionary<ServiceKey, ImmutableSortedDictionary<ResourceKey, EndpointSlice>>.Empty,
            ImmutableDictionary<string, ImmutableSortedSet<ServiceKey>>.Empty, book, options.TrustDomain);
        var slices = namespaces.All<EndpointSlice>(snapshot)
            .GroupBy(KeyOf)
            .ToImmutableDictionary(group => group.Key, group => group.ToImmutableSortedDictionary(slice => slice.Key, slice => slice));
        return empty.Rebuild(slices, book, slices.Keys.ToHashSet(), out _);
    }

    public ServiceEndpoints this[ServiceKey service] => In(service.Namespace).GetValueOrDefault(service, ServiceEndpoints.None);

    /// <summary>The services of a namespace whose endpoints are known. Tables share it while none of these changes.</summary>
    public ImmutableDictionary<ServiceKey, ServiceEndpoints> In(string ns) => _services.GetValueOrDefault(ns, ImmutableDictionary<ServiceKey, ServiceEndpoints>.Empty);

    public ServiceEndpoints this[ServiceName service] => this[ServiceKey.Of(service)];

    /// <summary>The table after changes to pods and endpoint objects, and the services whose endpoints really differ.</summary>
    public EndpointTable Update(
        ResourceSnapshot snapshot, MonitoredNamespaces namespaces, IEnumerable<ResourceDifference> differences, out IReadOnlySet<ServiceKey> changed)
    {
        var slices = _slices;
        var book = _book;
        var touched = new HashSet<ServiceKey>();
        foreach (var difference in differences)
        {
            if ((difference.Before ?? difference.After) is not { } either || !namespaces.Contains(either))
            {
                continue;
            }

            if (either is EndpointSlice)
            {
                slices = Replace(slices, difference.Before as EndpointSlice, difference.After as EndpointSlice, touched);
            }
            else if (either is Pod)
            {
                book = book.Replace(difference.Before as Pod, difference.After as Pod, snapshot, _trustDomain);
                touched.UnionWith(ServedAt(difference.Before as Pod));
                touched.UnionWith(ServedAt(difference.After as Pod));
            }
        }

        return Rebuild(slices, book, touched, out changed);
    }

    /// <summary>The services whose endpoints differ between the tables.</summary>
    public IReadOnlySet<ServiceKey> ChangedSince(EndpointTable before)
        => _services.Keys.Union(before._services.Keys, StringComparer.Ordinal).Where(ns => In(ns) != before.In(ns))
            .SelectMany(ns => In(ns).Keys.Union(before.In(ns).Keys)).Where(key => this[key] != before[key]).ToHashSet();

    private static ServiceKey KeyOf(EndpointSlice slice) => new(slice.Metadata.Namespace, slice.ServiceName);

    private static ImmutableDictionary<ServiceKey, ImmutableSortedDictionary<ResourceKey, EndpointSlice>> Replace(
        ImmutableDictionary<ServiceKey, ImmutableSortedDictionary<ResourceKey, EndpointSlice>> slices,
        EndpointSlice? before, EndpointSlice? after, HashSet<ServiceKey> touched)
    {
        if (before is not null)
        {
            touched.Add(KeyOf(before));
            slices = slices.SetItem(KeyOf(before), slices[KeyOf(before)].Remove(before.Key));
        }

        if (after is not null)
        {
            touched.Add(KeyOf(after));
            var own = slices.GetValueOrDefault(KeyOf(after), ImmutableSortedDictionary<ResourceKey, EndpointSlice>.Empty);
            slices = slices.SetItem(KeyOf(after), own.SetItem(after.Key, after));
        }

        return slices;
    }

    private IEnumerable<ServiceKey> ServedAt(Pod? pod)
        => (pod?.Addresses ?? default).SelectMany(address => _byAddress.GetValueOrDefault(address, []));

    private EndpointTable Rebuild(
        ImmutableDictionary<ServiceKey, ImmutableSortedDictionary<ResourceKey, EndpointSlice>> slices,
        AddressBook book, IReadOnlySet<ServiceKey> touched, out IReadOnlySet<ServiceKey> changed)
    {
        var services = new Dictionary<string, ImmutableDictionary<ServiceKey, ServiceEndpoints>.Builder>(StringComparer.Ordinal);
        var byAddress = _byAddress.ToBuilder();
        var differing = new HashSet<ServiceKey>();
        foreach (var key in touched)
        {
            var before = this[key];
            var after = Merge(slices.GetValueOrDefault(key)?.Values, book);
            if (after == before)
            {
                continue;
            }

            differing.Add(key);
            if (!services.TryGetValue(key.Namespace, out var ofNamespace))
            {
                services[key.Namespace] = ofNamespace = In(key.Namespace).ToBuilder();
            }

            ofNamespace[key] = after;
            foreach (var endpoint in before.Ready)
            {
                byAddress[endpoint.Address] = byAddress[endpoint.Address].Remove(key);
            }

            foreach (var endpoint in after.Ready)
            {
                byAddress[endpoint.Address] = byAddress.GetValueOrDefault(endpoint.Address, []).Add(key);
            }
        }

        changed = differing;
        return new(_services.SetItems(services.Select(ns => KeyValuePair.Create(ns.Key, ns.Value.ToImmutable()))), slices, byAddress.ToImmutable(), book, _trustDomain);
    }

    // Kubernetes mirrors Endpoints objects into slices; where there is any slice, the legacy object says nothing new.
    private static ServiceEndpoints Merge(IEnumerable<EndpointSlice>? slices, AddressBook book)
    {
        var all = slices?.ToArray() ?? [];
        var counting = all.Any(slice => !slice.IsLegacy) ? all.Where(slice => !slice.IsLegacy) : all;
        var ready = new SortedSet<MeshEndpoint>();
        var ports = new HashSet<DeclaredPort>();
        foreach (var subset in counting.SelectMany(slice => slice.Subsets))
        {
            foreach (var port in subset.Ports.Where(port => string.Equals(port.Transport, "TCP", StringComparison.Ordinal)))
            {
                ports.Add(new(port.Name, port.Port));
                ready.UnionWith(subset.Endpoints.Where(endpoint => endpoint.Ready).Select(endpoint => Resolve(endpoint, port, book)));
            }
        }

        return new(ready.ToEquatableArray(), [.. ports.OrderBy(port => port.Name, StringComparer.Ordinal).ThenBy(port => port.Port)]);
    }

    private static MeshEndpoint Resolve(Endpoint endpoint, EndpointPort port, AddressBook book)
    {
        var found = new MeshEndpoint(endpoint.Address, port.Name, port.Port) { Hostname = endpoint.Hostname, Zone = endpoint.Zone, Pod = endpoint.Pod };
        return book.At(endpoint.Address) is { } pod ? found with { Identity = pod.Identity, Pod = pod.Pod, Workload = pod.Workload } : found;
    }
}
