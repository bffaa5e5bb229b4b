using System.Net;
using System.Net.Sockets;
using OsmExt.DataPlane.Listeners;
using OsmExt.DataPlane.Streams;
using OsmExt.DataPlane.Tcp;
using OsmExt.DataPlane.Upstream;

namespace OsmExt.DataPlane.Entry;

/// <summary>Where connections of other pods arrive: each begins with a <see cref="ProxyHeader"/> and goes on as if interception had brought it.</summary>
internal sealed class Door : IAsyncDisposable
{
    private const int Backlog = 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Func<LoopbackNetwork> _network;
    private readonly Func<Arrival, Task> _sidecar;
    private readonly TimeProvider _time;
    private readonly SocketDialer _sockets = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Acceptor _acceptor;

    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public Door(IPEndPoint address, Func<LoopbackNetwork> network, Func<Arrival, Task> sidecar, TimeProvider time)
    {
        (_network, _sidecar, _time) = (network, sidecar, time);
        _acceptor = new(address, Backlog, socket => _ = Task.Run(() => ServeAsync(socket)));
    }

    public IPEndPoint Address => _acceptor.Address;

    /// <summary>Takes nothing new.</summary>
    public ValueTask StopAsync() => _acceptor.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _acceptor.DisposeAsync();
        await _stopping.CancelAsync();
    }

    private async Task ServeAsync(Socket socket)
    {
        socket.NoDelay = true;
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            var read = await ReadAsync(stream);
            var network = _network();
            if (read is not var (source, destination) || !network.Addresses.Contains(destination.Address))
            {
                Ends.Reset(stream);
                return;
            }

            if (network.Inward(destination.Port) == Passage.Sidecar)
            {
                await _sidecar(new(stream, source, destination, LoopbackNetwork.RedirectedTo(outward: false, destination.Port)));
                return;
            }

            await using var application = await _sockets.DialAsync(new(network.Application, destination.Port), _stopping.Token);
            await new Relay(stream, application, idle: null, _time).RunAsync(_stopping.Token);
        }
        catch (Exception failure) when (Ends.IsEnd(failure))
        {
            Ends.Reset(stream);
        }
    }

    private async Task<(IPEndPoint Source, IPEndPoint Destination)?> ReadAsync(Stream stream)
    {
        using var limit = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
        return await ProxyHeader.ReadAsync(stream, either.Token);
    }
}
