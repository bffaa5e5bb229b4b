using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using OsmExt.Compiler.Endpoints;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// The sidecars of the mesh: one for each pod in a monitored namespace that has a network of its own and was given a sidecar or,
/// where nobody injects, has not been excluded from that.
/// </summary>
internal sealed class MeshProxies
{
    private static readonly MeshProxies Nobody = new(
        ImmutableDictionary<ResourceKey, Proxy>.Empty, ImmutableDictionary<Guid, ImmutableHashSet<ResourceKey>>.Empty, ImmutableDictionary<string, Input>.Empty);

    private readonly ImmutableDictionary<ResourceKey, Proxy> _byPod;
    private readonly ImmutableDictionary<Guid, ImmutableHashSet<ResourceKey>> _byUuid;
    private readonly ImmutableDictionary<string, Input> _namespaces;

    private MeshProxies(
        ImmutableDictionary<ResourceKey, Proxy> byPod, ImmutableDictionary<Guid, ImmutableHashSet<ResourceKey>> byUuid, ImmutableDictionary<string, Input> namespaces)
        => (_byPod, _byUuid, _namespaces) = (byPod, byUuid, namespaces);

    public static MeshProxies None => Nobody;

    /// <summary>All of them, sorted by pod.</summary>
    public IEnumerable<Proxy> All => _byPod.Values.OrderBy(proxy => proxy.Pod);

    /// <param name="snapshot">Every object.</param>
    /// <param name="endpoints">Its endpoints, which say what pods are called in headless services.</param>
    /// <param name="options">What the operator decides.</param>
    /// <param name="before">An earlier result for the same options; namespaces whose objects are the same are taken from it.</param>
    public static MeshProxies Of(ResourceSnapshot snapshot, EndpointTable endpoints, CompilerOptions options, MeshProxies? before = null)
    {
        var monitored = MonitoredNamespaces.Of(snapshot, options);
        before ??= Nobody;
        var result = new Builder(before, options);
        foreach (var ns in before._namespaces.Keys.Where(ns => monitored[ns] is null))
        {
            result.Renew(ns, null, before._namespaces[ns]);
        }

        foreach (var ns in monitored.Names)
        {
            var known = before._namespaces.GetValueOrDefault(ns);
            var services = ReferenceEquals(known?.ServiceObjects, snapshot.In<Service>(ns)) ? known.Services : new ServiceSelectors(snapshot.In<Service>(ns).Values.Cast<Service>());
            var input = new Input(monitored[ns]!, snapshot.In<Pod>(ns), snapshot.In<Service>(ns), snapshot.In<WorkloadOwner>(ns), services.AnyHeadless ? endpoints.In(ns) : Input.NoEndpoints) { Services = services };
            if (!input.IsSameAs(known))
            {
                result.Renew(ns, input, known);
            }
        }

        return result.Done();
    }

    /// <summary>The same after pods have changed, and nothing else that they depend on, at the price of those pods.</summary>
    public MeshProxies Update(ResourceSnapshot snapshot, IEnumerable<ResourceDifference> pods, CompilerOptions options)
    {
        var result = new Builder(this, options);
        foreach (var group in pods.GroupBy(pod => pod.Key.Namespace, StringComparer.Ordinal))
        {
            if (_namespaces.TryGetValue(group.Key, out var known))
            {
                result.Renew(group.Key, known with { Pods = snapshot.In<Pod>(group.Key) }, known, group.Select(pod => pod.Key));
            }
        }

        return result.Done();
    }

    private static Proxy ProxyOf(Pod pod, Input input, CompilerOptions options)
        => new(pod.Key, IdentityOf(pod, options), ServicesOf(pod, input))
        {
            Scraped = Labels.IsTrue(pod.Metadata.Annotations[Labels.PrometheusScrape]),
            Workload = Workloads.OwnerOf(pod, input.Owners),
            Labels = pod.Metadata.Labels,
            IPv4 = pod.Addresses.IsEmpty || pod.Addresses.Any(address => !IsIPv6(address)),
            IPv6 = pod.Addresses.Any(IsIPv6),
        };

    public Proxy? Find(ResourceKey pod) => _byPod.GetValueOrDefault(pod);

    /// <summary>The proxies that a certificate with this id could mean: one, or several when pods carry the same label.</summary>
    public IReadOnlyList<Proxy> WithUuid(Guid uuid) => [.. _byUuid.GetValueOrDefault(uuid, []).Order().Select(pod => _byPod[pod])];

    /// <summary>
    /// The injector's label when it is there, else the pod's own unique id, else one derived from its name (manifests in files
    /// often have neither).
    /// </summary>
    internal static ProxyIdentity IdentityOf(Pod pod, CompilerOptions options)
    {
        var workload = new WorkloadIdentity(options.TrustDomain, pod.Metadata.Namespace, pod.ServiceAccount);
        if (Guid.TryParseExact(pod.Metadata.Labels[Labels.ProxyUuid], "D", out var uuid) || Guid.TryParseExact(pod.Metadata.Uid, "D", out uuid))
        {
            return new(uuid, workload);
        }

        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{pod.Metadata.Namespace}/{pod.Metadata.Name}"));
        return new(new Guid(digest.AsSpan(0, 16)), workload);
    }

    private static bool IsMeshed(Pod pod, Namespace ns, CompilerOptions options)
        => !pod.HostNetwork && !pod.Finished && (options.OnlyInjected ? pod.IsInjected : IsMeant(pod, ns));

    private static bool IsMeant(Pod pod, Namespace ns)
        => Labels.Injection(pod.Metadata.Annotations) ?? Labels.Injection(ns.Metadata.Annotations) ?? true;

    private static bool IsIPv6(string address) => address.Contains(':', StringComparison.Ordinal);

    private static EquatableArray<ServiceName> ServicesOf(Pod pod, Input input)
    {
        var names = new SortedSet<ServiceName>();
        var hostname = pod.Hostname.Length > 0 ? pod.Hostname : pod.Metadata.Name;
        foreach (var service in input.Services.Of(pod.Metadata.Labels))
        {
            var name = new ServiceName(service.Metadata.Namespace, service.Metadata.Name);
            names.Add(name);
            if (service.ClusterAddresses.IsEmpty && input.Endpoints.GetValueOrDefault(ServiceKey.Of(name), ServiceEndpoints.None).Ready.Any(endpoint => string.Equals(endpoint.Hostname, hostname, StringComparison.Ordinal)))
            {
                names.Add(name with { Subdomain = hostname });
            }
        }

        return names.ToEquatableArray();
    }

    /// <summary>All that the proxies of a namespace depend on, known by reference.</summary>
    private sealed record Input(
        Namespace Namespace, ImmutableSortedDictionary<ResourceKey, Resource> Pods, ImmutableSortedDictionary<ResourceKey, Resource> ServiceObjects,
        ImmutableSortedDictionary<ResourceKey, Resource> Owners, ImmutableDictionary<ServiceKey, ServiceEndpoints> Endpoints)
    {
        public static readonly ImmutableDictionary<ServiceKey, ServiceEndpoints> NoEndpoints = ImmutableDictionary<ServiceKey, ServiceEndpoints>.Empty;

        /// <summary>A look-up in the Services.</summary>
        public required ServiceSelectors Services { get; init; }

        public bool IsSameAs(Input? other) => IsSameButPods(other) && ReferenceEquals(Pods, other!.Pods);

        public bool IsSameButPods(Input? other) => other is not null && ReferenceEquals(Namespace, other.Namespace) && ReferenceEquals(ServiceObjects, other.ServiceObjects)
            && ReferenceEquals(Owners, other.Owners) && ReferenceEquals(Endpoints, other.Endpoints);
    }

    private sealed class Builder(MeshProxies before, CompilerOptions options)
    {
        private readonly ImmutableDictionary<ResourceKey, Proxy>.Builder _byPod = before._byPod.ToBuilder();
        private readonly ImmutableDictionary<Guid, ImmutableHashSet<ResourceKey>>.Builder _byUuid = before._byUuid.ToBuilder();
        private readonly ImmutableDictionary<string, Input>.Builder _namespaces = before._namespaces.ToBuilder();

        /// <summary>A namespace is another than before; of its pods those that are named, or all.</summary>
        public void Renew(string ns, Input? now, Input? earlier, IEnumerable<ResourceKey>? pods = null)
        {
            foreach (var key in pods ?? (earlier?.Pods.Keys ?? []).Concat(now?.Pods.Keys ?? []).Distinct())
            {
                var pod = now?.Pods.GetValueOrDefault(key) as Pod;
                if (pod is not null && now!.IsSameButPods(earlier) && ReferenceEquals(pod, earlier!.Pods.GetValueOrDefault(key)))
                {
                    continue;
                }

                Set(key, pod is not null && IsMeshed(pod, now!.Namespace, options) ? ProxyOf(pod, now, options) : null);
            }

            if (now is null)
            {
                _namespaces.Remove(ns);
            }
            else
            {
                _namespaces[ns] = now;
            }
        }

        public MeshProxies Done() => new(_byPod.ToImmutable(), _byUuid.ToImmutable(), _namespaces.ToImmutable());

        private void Set(ResourceKey key, Proxy? proxy)
        {
            if (_byPod.TryGetValue(key, out var known) && proxy is not null && known == proxy)
            {
                return;
            }

            if (known is not null && _byPod.Remove(key))
            {
                var left = _byUuid[known.Identity.Uuid].Remove(key);
                if (left.IsEmpty)
                {
                    _byUuid.Remove(known.Identity.Uuid);
                }
                else
                {
                    _byUuid[known.Identity.Uuid] = left;
                }
            }

            if (proxy is not null)
            {
                _byPod[key] = proxy;
                _byUuid[proxy.Identity.Uuid] = _byUuid.GetValueOrDefault(proxy.Identity.Uuid, []).Add(key);
            }
        }
    }
}
