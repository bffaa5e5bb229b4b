using System.Net;
using System.Net.Sockets;
using OsmExt.LocalRuntime;

namespace OsmExt.Node;

/// <summary>Where pods find the API server: a port of the node's address inside its network, from which bytes go to where the server is.</summary>
internal sealed class ApiDoor(PodNetwork node, IPEndPoint inside, IPEndPoint server) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    public async Task OpenAsync()
    {
        _listener = await node.ListenAsync(inside);
        _accepting = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener?.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await listener.AcceptAsync(_stopping.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The node goes.
        }
    }

    private async Task PassAsync(Socket accepted)
    {
        using var client = new NetworkStream(accepted, ownsSocket: true);
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, _stopping.Token);
            using var upstream = new NetworkStream(socket, ownsSocket: false);
            await Task.WhenAny(client.CopyToAsync(upstream, _stopping.Token), upstream.CopyToAsync(client, _stopping.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // Either side ended.
        }
    }
}
