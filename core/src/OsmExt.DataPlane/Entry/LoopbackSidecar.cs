using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using OsmExt.DataPlane.Upstream;

namespace OsmExt.DataPlane.Entry;

/// <summary>A sidecar on a loopback address: what its pod sends comes in by an entry, what other pods send by a door.</summary>
internal sealed class LoopbackSidecar : IAsyncDisposable
{
    private readonly EmbeddedProxy _proxy;
    private Door? _door;
    private EntryServer? _entry;

    private LoopbackSidecar(EmbeddedProxy proxy) => _proxy = proxy;

    public EmbeddedProxy Proxy => _proxy;

    /// <param name="options">The sidecar. Where it listens and how it reaches others is up to the network.</param>
    /// <param name="network">The network now.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="BootstrapException">The bootstrap cannot be used.</exception>
    /// <exception cref="IOException">An address cannot be bound.</exception>
    public static async Task<LoopbackSidecar> StartAsync(EmbeddedProxyOptions options, Func<LoopbackNetwork> network, CancellationToken stop)
    {
        var at = network().At;
        var dialer = new LoopbackDialer(network, new SocketDialer(), options.Traffic.Chance);
        var resolve = options.Traffic.Resolve;
        var proxy = await EmbeddedProxy.StartAsync(
            options with
            {
                Admin = options.Admin ?? new(at, LoopbackNetwork.AdminPort),
                Traffic = options.Traffic with
                {
                    BindAddress = at,
                    Dialer = dialer,
                    Resolve = (name, cancel) => network().Names.TryGetValue(name, out var known) ? Task.FromResult(known) : resolve(name, cancel),
                },
            },
            stop);
        var sidecar = new LoopbackSidecar(proxy);
        try
        {
            sidecar._door = new(new(at, LoopbackNetwork.DoorPort), network, proxy.AcceptAsync, options.Time);
            var way = new WayOut(network, proxy.AcceptAsync, () => proxy.Live.IsCompleted, dialer, resolve, options.Time);
            sidecar._entry = await EntryServer.StartAsync(new(at, LoopbackNetwork.EntryPort), way, options.Time, options.Logs, stop);
            return sidecar;
        }
        catch (SocketException failure)
        {
            await sidecar.DisposeAsync();
            throw new IOException($"{at} cannot be used: {failure.Message}", failure);
        }
    }

    /// <summary>An entry of a pod without a sidecar: it goes straight to where the mesh's names and addresses are.</summary>
    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public static Task<EntryServer> WithoutAsync(Func<LoopbackNetwork> network, TimeProvider time, ILoggerFactory logs, CancellationToken stop)
    {
        var dialer = new LoopbackDialer(network, new SocketDialer(), new());
        return EntryServer.StartAsync(
            new(network().At, LoopbackNetwork.EntryPort), new(network, sidecar: null, () => true, dialer, Dns.GetHostAddressesAsync, time), time, logs, stop);
    }

    /// <summary>Takes nothing new; what is under way goes on.</summary>
    public async Task DrainAsync(CancellationToken stop)
    {
        await _door!.StopAsync();
        await _entry!.StopAsync();
        await _proxy.DrainAsync(stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (_door is not null)
        {
            await _door.DisposeAsync();
        }

        if (_entry is not null)
        {
            await _entry.DisposeAsync();
        }

        await _proxy.DisposeAsync();
    }
}
