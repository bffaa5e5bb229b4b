using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using OsmExt.Sdk.Resources;
using OsmExt.Simulation.Meshes;
using OsmExt.Testing.Simulation;

namespace OsmExt.Testing.Hosting.Network;

/// <summary>
/// The network of one mesh, in memory: what a cluster's nodes do with addresses and names. Addresses exist only here, so meshes beside each
/// other may have the same ones.
/// </summary>
internal sealed class MeshNetwork : IAsyncDisposable
{
    // Addresses for documentation, which nobody has.
    private static readonly byte[] Outside = [203, 0, 113];
    private readonly ConcurrentDictionary<string, NetworkPod> _pods = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (IPAddress Address, PortTable Ports)> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private volatile Map _map = Map.Of(ResourceSnapshot.Empty);
    private int _picked;

    /// <summary>Pods and services now.</summary>
    public SimulatedMesh Names => _map.Mesh;

    /// <summary>Pods that have been asked for.</summary>
    public IEnumerable<NetworkPod> Pods => _pods.Values;

    /// <summary>The pod called <c>NAMESPACE/NAME</c>. It stays the same however often the object changes.</summary>
    public NetworkPod Pod(string name) => _pods.GetOrAdd(name, static (pod, network) => new(pod, network), this);

    /// <summary>Follows the objects.</summary>
    public void Update(ResourceSnapshot snapshot) => _map = Map.Of(snapshot);

    /// <summary>A host outside the mesh that answers to a name.</summary>
    public PortTable Host(string name) => _hosts.GetOrAdd(name, static (_, hosts) => (new([.. Outside, (byte)(hosts.Count + 1)]), new()), _hosts).Ports;

    /// <summary>The addresses of a name, as a client of that namespace sees it.</summary>
    /// <exception cref="SocketException">Nobody is called so.</exception>
    public IReadOnlyList<IPAddress> Resolve(string name, int port, string ns)
    {
        if (_hosts.TryGetValue(name, out var host))
        {
            return [host.Address];
        }

        var found = Names.Resolve(name, port, ns);
        return found.Count == 0 || found[0].Equals(SimulatedMesh.Outside) ? throw new SocketException((int)SocketError.HostNotFound) : found;
    }

    /// <summary>Opens a connection as a node's network does, from there on where the client's own proxy has let go of it.</summary>
    /// <exception cref="SocketException">Nobody is there.</exception>
    public ValueTask<Stream> RouteAsync(IPEndPoint source, IPEndPoint destination, CancellationToken stop)
    {
        if (_map.PodAt(destination.Address) is { } pod)
        {
            return Pod(pod).ReceiveAsync(source, destination, stop);
        }

        if (_hosts.Values.FirstOrDefault(host => host.Address.Equals(destination.Address)).Ports is { } ports)
        {
            return ports.OpenAsync(source, destination, stop);
        }

        return Endpoint(destination) is { } endpoint ? RouteAsync(source, endpoint, stop) : throw new SocketException((int)SocketError.HostUnreachable);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pod in _pods.Values)
        {
            await pod.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var (_, ports) in _hosts.Values)
        {
            await ports.DisposeAsync().ConfigureAwait(false);
        }
    }

    // What a node does with the virtual address of a service.
    private IPEndPoint? Endpoint(IPEndPoint destination)
    {
        if (Names.Services.FirstOrDefault(service => service.Addresses.Contains(destination.Address)) is not { } service)
        {
            return null;
        }

        var serving = service.Ports.FirstOrDefault(port => port.Port == destination.Port)?.Endpoints ?? [];
        return serving.IsEmpty ? throw new SocketException((int)SocketError.ConnectionRefused)
            : serving[(Interlocked.Increment(ref _picked) & int.MaxValue) % serving.Length].Address;
    }

    private sealed record Map(SimulatedMesh Mesh, ImmutableDictionary<IPAddress, string> Pods)
    {
        public static Map Of(ResourceSnapshot snapshot)
        {
            var mesh = CompiledMesh.Network(snapshot);
            return new(mesh, mesh.Pods.SelectMany(pod => pod.Addresses.Select(address => KeyValuePair.Create(address, pod.ToString())))
                .DistinctBy(entry => entry.Key).ToImmutableDictionary());
        }

        public string? PodAt(IPAddress address) => Pods.GetValueOrDefault(address);
    }
}
