using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;
using SliceEndpoint = OsmExt.Sdk.Resources.Endpoint;

namespace OsmExt.Testing.Hosting.Objects;

/// <summary>
/// What a cluster adds to the objects that people write: addresses of pods and services that have none, and who serves each service. What
/// is written counts as it is.
/// </summary>
internal sealed class Cluster
{
    private readonly Dictionary<ResourceKey, string> _given = [];
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private int _pods;
    private int _services;

    /// <summary>The objects as the mesh sees them.</summary>
    public IReadOnlyDictionary<ResourceKey, Resource> Complete(ResourceSnapshot written)
    {
        _taken.UnionWith(written.All<Pod>().SelectMany(pod => pod.Addresses).Concat(written.All<Service>().SelectMany(service => service.ClusterAddresses)));
        var all = written.AllObjects().Select(resource => resource switch
        {
            Pod { HostNetwork: false, Finished: false } pod when pod.Addresses.IsEmpty => pod with { Addresses = [Given(pod.Key, () => Next("10.244", ref _pods))] },
            Service { IsHeadless: false, ExternalName.Length: 0 } service when service.ClusterAddresses.IsEmpty
                => service with { ClusterAddresses = [Given(service.Key, () => Next("10.96", ref _services))] },
            _ => resource,
        }).ToDictionary(resource => resource.Key);
        var served = written.All<EndpointSlice>().Select(slice => (slice.Metadata.Namespace, slice.ServiceName)).ToHashSet();
        var pods = all.Values.OfType<Pod>().Where(pod => !pod.Finished && !pod.Addresses.IsEmpty).ToLookup(pod => pod.Metadata.Namespace, StringComparer.Ordinal);
        foreach (var service in written.All<Service>().Where(service => !service.Selector.IsEmpty && !served.Contains((service.Metadata.Namespace, service.Metadata.Name))))
        {
            var slice = Serving(service, [.. pods[service.Metadata.Namespace].Where(pod => service.Selector.Selects(pod.Metadata.Labels))]);
            all[slice.Key] = slice;
        }

        return all;
    }

    private static EndpointSlice Serving(Service service, ImmutableArray<Pod> pods)
    {
        // Pods may have different numbers for one name of a port, which is why a subset has one set of ports.
        var subsets = pods.GroupBy(pod => service.Ports.Select(port => Target(port, pod)).OfType<EndpointPort>().ToEquatableArray())
            .Select(group => new EndpointSubset(group.Key, group.Select(pod => Member(service, pod)).ToEquatableArray()));
        return new(new ResourceMetadata(service.Metadata.Namespace, $"{service.Metadata.Name}-members")) { ServiceName = service.Metadata.Name, Subsets = subsets.ToEquatableArray() };
    }

    private static SliceEndpoint Member(Service service, Pod pod) => new(pod.Addresses[0])
    {
        Pod = pod.Metadata.Name,
        Hostname = service.IsHeadless ? pod.Hostname : "",
    };

    private static EndpointPort? Target(ServicePort port, Pod pod)
    {
        if (port.TargetPort.Length == 0 || int.TryParse(port.TargetPort, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            return new(port.Name, port.TargetPort.Length == 0 ? port.Port : int.Parse(port.TargetPort, CultureInfo.InvariantCulture), port.Transport);
        }

        var named = pod.Containers.SelectMany(container => container.Ports).FirstOrDefault(found => found.Name == port.TargetPort);
        return named is null ? null : new(port.Name, named.Port, port.Transport);
    }

    // The same for as long as the mesh lives, also when the object goes and comes back.
    private string Given(ResourceKey key, Func<string> next)
        => _given.TryGetValue(key, out var given) ? given : _given[key] = next();

    private string Next(string network, ref int count)
    {
        string address;
        do
        {
            count++;
            address = IPAddress.Parse($"{network}.{count / 250}.{(count % 250) + 1}").ToString();
        }
        while (!_taken.Add(address));
        return address;
    }
}
