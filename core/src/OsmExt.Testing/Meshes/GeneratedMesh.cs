using System.Globalization;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Testing.Meshes;

/// <summary>
/// A regular mesh of any size, for benchmarks and scale tests: namespaces of services, each with its own identity and pods, in
/// permissive mode or with one TrafficTarget for each neighbour in a ring.
/// </summary>
/// <param name="Services">How many services; also how many service accounts.</param>
/// <param name="PodsPerService">How many pods behind each.</param>
/// <param name="Permissive">Whether everybody may reach everybody. Otherwise service i may call service i + 1.</param>
public sealed record GeneratedMesh(int Services, int PodsPerService = 2, bool Permissive = true)
{
    private const int ServicesPerNamespace = 20;
    private const int Port = 8080;

    /// <summary>All objects, in no particular order.</summary>
    public IEnumerable<Resource> Objects()
    {
        yield return new MeshConfig(new("osm-system", MeshConfig.WellKnownName)) { Permissive = Permissive };
        foreach (var ns in Enumerable.Range(0, Services).Select(NamespaceOf).Distinct(StringComparer.Ordinal))
        {
            yield return new Namespace(new("", ns) { Labels = [new("openservicemesh.io/monitored-by", "osm")] });
        }

        foreach (var resource in Enumerable.Range(0, Services).SelectMany(Service))
        {
            yield return resource;
        }
    }

    /// <summary>The objects of one service: the Service, its pods and endpoints, and in SMI mode what lets its neighbour in.</summary>
    /// <param name="index">Which service, from 0. It may be beyond <see cref="Services"/>, to add one.</param>
    public IEnumerable<Resource> Service(int index)
    {
        var (ns, name) = (NamespaceOf(index), NameOf(index));
        LabelSet labels = [new("app", name)];
        yield return new Service(new(ns, name))
        {
            Selector = labels,
            ClusterAddresses = [Address(96, index)],
            Ports = [new ServicePort("http-web", Port)],
        };
        for (var pod = 0; pod < PodsPerService; pod++)
        {
            yield return new Pod(new(ns, PodOf(index, pod)) { Labels = labels })
            {
                ServiceAccount = name,
                Addresses = [Address(128, (index * PodsPerService) + pod)],
                Containers = [new Container("app")],
            };
        }

        yield return Endpoints(index, PodsPerService);
        if (!Permissive)
        {
            var caller = (index + Services - 1) % Services;
            yield return new HttpRouteGroup(new(ns, $"{name}-routes")) { Matches = [new HttpMatch("all")] };
            yield return new TrafficTarget(new(ns, $"{name}-target"))
            {
                Destination = new("ServiceAccount", ns, name),
                Sources = [new IdentityReference("ServiceAccount", NamespaceOf(caller), NameOf(caller))],
                Rules = [new TrafficTargetRule("HTTPRouteGroup", $"{name}-routes", [])],
            };
        }
    }

    /// <summary>The endpoints of one service.</summary>
    /// <param name="index">Which service.</param>
    /// <param name="ready">How many of its pods are ready.</param>
    public EndpointSlice Endpoints(int index, int ready)
    {
        var (ns, name) = (NamespaceOf(index), NameOf(index));
        return new EndpointSlice(new(ns, $"{name}-1"))
        {
            ServiceName = name,
            Subsets =
            [
                new EndpointSubset([new EndpointPort("http-web", Port)], [.. Enumerable.Range(0, PodsPerService).Select(pod =>
                    new Endpoint(Address(128, (index * PodsPerService) + pod)) { Pod = PodOf(index, pod), Ready = pod < ready })]),
            ],
        };
    }

    /// <summary>The namespace of a service.</summary>
    public static string NamespaceOf(int index) => string.Create(CultureInfo.InvariantCulture, $"ns-{index / ServicesPerNamespace:d3}");

    /// <summary>The name of a service, and of its service account.</summary>
    public static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"svc-{index:d5}");

    /// <summary>The name of a pod.</summary>
    public static string PodOf(int index, int pod) => string.Create(CultureInfo.InvariantCulture, $"{NameOf(index)}-{pod}");

    private static string Address(int block, int index)
        => string.Create(CultureInfo.InvariantCulture, $"10.{block + (index >> 16)}.{(index >> 8) & 255}.{index & 255}");
}
