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
    private readonly ImmutableDictionary<ResourceKey, Proxy> _byPod;
    private readonly ImmutableDictionary<Guid, ImmutableHashSet<ResourceKey>> _byUuid;
    private readonly ILookup<string, Service> _services;

    private MeshProxies(
        ImmutableDictionary<ResourceKey, Proxy> byPod, ImmutableDictionary<Guid, ImmutableHashSet<ResourceKey>> byUuid, ILookup<string, Service> services)
        => (_byPod, _byUuid, _services) = (byPod, byUuid, services);

    public static MeshProxies None { get; } = new(
        ImmutableDictionary<ResourceKey, Proxy>.Empty, ImmutableDictionary<Guid, ImmutableHashSet<ResourceKey>>.Empty, Enumerable.Empty<Service>().ToLookup(_ => ""));

    /// <summary>All of them, sorted by pod.</summary>
    public IEnumerable<Proxy> All => _byPod.Values.OrderBy(proxy => proxy.Pod);

    public static MeshProxies Of(ResourceSnapshot snapshot, EndpointTable endpoints, CompilerOptions options)
    {
        var namespaces = MonitoredNamespaces.Of(snapshot, options);
        var services = namespaces.All<Service>(snapshot).ToLookup(service => service.Metadata.Namespace, StringComparer.Ordinal);
        return new MeshProxies(None._byPod, None._byUuid, services).With(namespaces.All<Pod>(snapshot).Select(pod => (pod.Key, (Pod?)pod)), snapshot, endpoints, namespaces, options);
    }

    /// <summary>The same after pods have changed, and nothing else that they depend on, at the price of those pods.</summary>
    public MeshProxies Update(
        ResourceSnapshot snapshot, EndpointTable endpoints, MonitoredNamespaces namespaces, IEnumerable<ResourceDifference> pods, CompilerOptions options)
        => With(pods.Select(pod => (pod.Key, pod.After as Pod)), snapshot, endpoints, namespaces, options);

    private MeshProxies With(
        IEnumerable<(ResourceKey Key, Pod? Pod)> pods, ResourceSnapshot snapshot, EndpointTable endpoints, MonitoredNamespaces namespaces, CompilerOptions options)
    {
        var (byPod, byUuid) = (_byPod.ToBuilder(), _byUuid.ToBuilder());
        foreach (var (key, pod) in pods)
        {
            if (byPod.Remove(key, out var before))
            {
                byUuid[before.Identity.Uuid] = byUuid[before.Identity.Uuid].Remove(key);
                if (byUuid[before.Identity.Uuid].IsEmpty)
                {
                    byUuid.Remove(before.Identity.Uuid);
                }
            }

            if (pod is not null && namespaces.Contains(pod) && IsMeshed(pod, namespaces, options))
            {
                var proxy = ProxyOf(pod, _services[pod.Metadata.Namespace], snapshot, endpoints, options);
                byPod[key] = proxy;
                byUuid[proxy.Identity.Uuid] = byUuid.GetValueOrDefault(proxy.Identity.Uuid, []).Add(key);
            }
        }

        return new(byPod.ToImmutable(), byUuid.ToImmutable(), _services);
    }

    private static Proxy ProxyOf(Pod pod, IEnumerable<Service> services, ResourceSnapshot snapshot, EndpointTable endpoints, CompilerOptions options)
        => new(pod.Key, IdentityOf(pod, options), ServicesOf(pod, services, endpoints))
        {
            Scraped = Labels.IsTrue(pod.Metadata.Annotations[Labels.PrometheusScrape]),
            Workload = Workloads.OwnerOf(pod, snapshot),
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

    private static bool IsMeshed(Pod pod, MonitoredNamespaces namespaces, CompilerOptions options)
        => !pod.HostNetwork && !pod.Finished && (options.OnlyInjected ? pod.IsInjected : IsMeant(pod, namespaces));

    private static bool IsMeant(Pod pod, MonitoredNamespaces namespaces)
        => Labels.Injection(pod.Metadata.Annotations) ?? Labels.Injection(namespaces[pod.Metadata.Namespace]!.Metadata.Annotations) ?? true;

    private static bool IsIPv6(string address) => address.Contains(':', StringComparison.Ordinal);

    private static EquatableArray<ServiceName> ServicesOf(Pod pod, IEnumerable<Service> candidates, EndpointTable endpoints)
    {
        var names = new SortedSet<ServiceName>();
        var hostname = pod.Hostname.Length > 0 ? pod.Hostname : pod.Metadata.Name;
        foreach (var service in candidates.Where(service => service.Selector.Selects(pod.Metadata.Labels)))
        {
            var name = new ServiceName(service.Metadata.Namespace, service.Metadata.Name);
            names.Add(name);
            if (service.ClusterAddresses.IsEmpty && endpoints[name].Ready.Any(endpoint => string.Equals(endpoint.Hostname, hostname, StringComparison.Ordinal)))
            {
                names.Add(name with { Subdomain = hostname });
            }
        }

        return names.ToEquatableArray();
    }
}
