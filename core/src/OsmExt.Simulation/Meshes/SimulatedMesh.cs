using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;

namespace OsmExt.Simulation.Meshes;

/// <summary>Pods and services as a network: names to addresses, addresses to receivers.</summary>
internal sealed class SimulatedMesh : ISimulatedNetwork
{
    private const string DnsSuffix = "svc.cluster.local";

    /// <summary>Stands for the address of a host outside, which nobody here knows.</summary>
    public static readonly IPAddress Outside = IPAddress.Parse("192.0.2.1");

    private readonly FrozenDictionary<IPAddress, SimulatedPod> _pods;
    private readonly FrozenDictionary<IPAddress, SimulatedService> _services;
    private readonly FrozenDictionary<string, SimulatedService> _byName;
    private readonly FrozenDictionary<string, SimulatedPod> _podsByName;

    public SimulatedMesh(IEnumerable<SimulatedPod> pods, IEnumerable<SimulatedService> services)
    {
        Pods = [.. pods];
        Services = [.. services];
        _pods = Pods.SelectMany(pod => pod.Addresses.Select(address => (address,
            pod))).DistinctBy(pair => pair.address).ToFrozenDictionary(pair => pair.address, pair => pair.pod);
        _services = Services.SelectMany(service => service.Addresses.Select(address => (address, service))).DistinctBy(pair => pair.address)
            .ToFrozenDictionary(pair => pair.address, pair => pair.service);
        _byName = Services.ToFrozenDictionary(service => $"{service.Name}.{service.Namespace}", StringComparer.Ordinal);
        _podsByName = Pods.ToFrozenDictionary(pod => pod.ToString(), StringComparer.Ordinal);
        Simulator = new(this);
    }

    public ImmutableArray<SimulatedPod> Pods { get; }

    public ImmutableArray<SimulatedService> Services { get; }

    /// <summary>The same network, where some pods' proxies, by <c>NAMESPACE/POD</c>, have another configuration.</summary>
    public SimulatedMesh With(IReadOnlyDictionary<string, ProxyConfiguration> proxies)
        => new(Pods.Select(pod => proxies.TryGetValue(pod.ToString(), out var proxy) ? pod with { Sidecar = new(proxy) } : pod), Services);

    public Simulator Simulator { get; }

    public IReadOnlyList<Receiver> ReceiversOf(IPEndPoint destination)
    {
        if (_pods.TryGetValue(destination.Address, out var pod))
        {
            return [new(pod.ToString(), destination, pod.Proxy)];
        }

        if (_services.TryGetValue(destination.Address, out var service))
        {
            var endpoints = service.Ports.FirstOrDefault(port => port.Port == destination.Port)?.Endpoints ?? [];
            return [.. endpoints.Select(endpoint => At(endpoint.Address) with { Backend = service.ToString() })];
        }

        return [At(destination)];
    }

    /// <summary>The pod called <c>NAMESPACE/POD</c>, or null.</summary>
    public SimulatedPod? Find(string name) => _podsByName.GetValueOrDefault(name);

    /// <summary>The pod at an address, or null.</summary>
    public SimulatedPod? PodAt(IPAddress address) => _pods.GetValueOrDefault(address);

    /// <summary>The service a host name means to a client of that namespace, or null.</summary>
    public SimulatedService? Named(string host, string clientNamespace) => Split(host, clientNamespace)?.Service;

    /// <summary>
    /// The addresses a host name resolves to: an address itself, a service's virtual address, the endpoints of a headless service; a
    /// placeholder for a host that is none of these. None when the name is a service's that has no address now.
    /// </summary>
    public IReadOnlyList<IPAddress> Resolve(string host, int port, string clientNamespace)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var literal))
        {
            return [literal];
        }

        if (Split(host, clientNamespace) is not var (service, hostname))
        {
            return [Outside];
        }

        if (hostname.Length == 0 && service.Addresses.Length > 0)
        {
            return service.Addresses;
        }

        var all = service.Ports.Where(candidate => candidate.Port == port).Concat(service.Ports).SelectMany(candidate => candidate.Endpoints);
        return [.. all.Where(endpoint => hostname.Length == 0 || string.Equals(endpoint.Hostname, hostname, StringComparison.Ordinal))
            .Select(endpoint => endpoint.Address.Address).Distinct()];
    }

    IReadOnlyList<IPAddress> ISimulatedNetwork.Resolve(string host, int port) => Resolve(host, port, "");

    private Receiver At(IPEndPoint address)
        => _pods.TryGetValue(address.Address, out var pod) ? new(pod.ToString(), address, pod.Proxy)
            : new(address.Address.Equals(Outside) ? "a host outside the mesh" : address.ToString(), address, null);

    // As a pod's resolver does: the name itself, then inside its namespace, then below the cluster's domain.
    private (SimulatedService Service, string Hostname)? Split(string host, string clientNamespace)
    {
        var name = host.TrimEnd('.').ToLowerInvariant();
        foreach (var suffix in new[] { $".{DnsSuffix}", ".svc.cluster", ".svc" })
        {
            if (name.EndsWith(suffix, StringComparison.Ordinal))
            {
                name = name[..^suffix.Length];
                break;
            }
        }

        foreach (var candidate in new[] { $"{name}.{clientNamespace}", name })
        {
            if (_byName.TryGetValue(candidate, out var service))
            {
                return (service, "");
            }

            if (candidate.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && _byName.TryGetValue(candidate[(dot + 1)..], out service)
                && service.Ports.Any(port => port.Endpoints.Any(endpoint => string.Equals(endpoint.Hostname, candidate[..dot],
                    StringComparison.Ordinal))))
            {
                return (service, candidate[..dot]);
            }
        }

        return null;
    }
}
