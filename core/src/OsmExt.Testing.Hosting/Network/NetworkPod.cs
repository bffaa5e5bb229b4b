using System.Net;
using System.Net.Sockets;
using OsmExt.DataPlane.Upstream;
using OsmExt.Testing.Hosting.Sidecars;

namespace OsmExt.Testing.Hosting.Network;

/// <summary>A pod's place in the network: its applications, and the sidecar that what comes and goes passes where it has one.</summary>
/// <param name="name"><c>NAMESPACE/NAME</c>.</param>
/// <param name="network">The network it is in.</param>
internal sealed class NetworkPod(string name, MeshNetwork network) : IDialer, IAsyncDisposable
{
    private const int OutboundPort = 15001;
    private const int InboundPort = 15003;

    // Of those that systems give to outgoing connections.
    private const int FirstPort = 32768;
    private const int Ports = 28000;

    // Metrics and probes are taken from the sidecar itself, past interception.
    private static readonly int[] OpenPorts = [15010, 15901, 15902, 15903, 15904];
    private int _port;

    public string Name { get; } = name;

    public string Namespace { get; } = name[..Math.Max(0, name.IndexOf('/', StringComparison.Ordinal))];

    public PortTable Applications { get; } = new();

    /// <summary>Starts its sidecar when it is first needed; null while it has none.</summary>
    public SidecarSlot Sidecar { get; } = new();

    private IReadOnlyList<IPAddress> Addresses
        => network.Names.Find(Name)?.Addresses is { Length: > 0 } addresses ? addresses : throw new SocketException((int)SocketError.NetworkDown);

    /// <summary>A connection that an application of the pod opens.</summary>
    public async ValueTask<Stream> ConnectAsync(string host, int port, CancellationToken stop)
    {
        var found = string.Equals(host, network.Names.Find(Name)?.Hostname, StringComparison.OrdinalIgnoreCase) ? Addresses
            : IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : network.Resolve(host, port, Namespace);
        var destination = new IPEndPoint(found.FirstOrDefault(address => Addresses.Any(own => own.AddressFamily == address.AddressFamily)) ?? found[0], port);
        if (Addresses.Contains(destination.Address) || IPAddress.IsLoopback(destination.Address))
        {
            // It stays on the loopback interface, where only what proxies send is intercepted.
            return await Applications.OpenAsync(SourceFor(destination), destination, stop).ConfigureAwait(false);
        }

        var source = SourceFor(destination);
        if (await Sidecar.GetAsync(stop).ConfigureAwait(false) is not { } sidecar)
        {
            return await network.RouteAsync(source, destination, stop).ConfigureAwait(false);
        }

        return await sidecar.OpenAsync(source, destination, OutboundPort, stop).ConfigureAwait(false);
    }

    /// <summary>A connection that comes to one of the pod's addresses.</summary>
    public async ValueTask<Stream> ReceiveAsync(IPEndPoint source, IPEndPoint destination, CancellationToken stop)
        => await Sidecar.GetAsync(stop).ConfigureAwait(false) is { } sidecar
            ? await sidecar.OpenAsync(source, destination, OpenPorts.Contains(destination.Port) ? 0 : InboundPort, stop).ConfigureAwait(false)
            : await Applications.OpenAsync(source, destination, stop).ConfigureAwait(false);

    /// <summary>A connection that the sidecar opens: to its own pod's application, or out.</summary>
    public ValueTask<Stream> DialAsync(IPEndPoint destination, CancellationToken stop)
        => IPAddress.IsLoopback(destination.Address) || Addresses.Contains(destination.Address)
            ? Applications.OpenAsync(new(destination.Address, NextPort()), destination, stop)
            : network.RouteAsync(SourceFor(destination), destination, stop);

    public async ValueTask DisposeAsync()
    {
        await Sidecar.DisposeAsync().ConfigureAwait(false);
        await Applications.DisposeAsync().ConfigureAwait(false);
    }

    private IPEndPoint SourceFor(IPEndPoint destination)
        => new(Addresses.FirstOrDefault(own => own.AddressFamily == destination.AddressFamily) ?? Addresses[0], NextPort());

    private int NextPort() => FirstPort + ((Interlocked.Increment(ref _port) & int.MaxValue) % Ports);
}
