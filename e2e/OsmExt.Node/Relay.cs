using System.Net;
using System.Net.Sockets;

namespace OsmExt.Node;

/// <summary>Passes what comes in at a listening socket on to somewhere else, byte by byte, until either side ends.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    /// <param name="listener">Where it comes in; closed with the relay.</param>
    /// <param name="dial">Opens a connection to where it goes.</param>
    public Relay(Socket listener, Func<CancellationToken, Task<Stream>> dial)
    {
        _listener = listener;
        _accepting = AcceptAsync(dial);
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Func<CancellationToken, Task<Stream>> dial)
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await _listener.AcceptAsync(_stopping.Token), dial);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is no longer wanted.
        }
    }

    private async Task PassAsync(Socket accepted, Func<CancellationToken, Task<Stream>> dial)
    {
        await using var client = new NetworkStream(accepted, ownsSocket: true);
        try
        {
            await using var there = await dial(_stopping.Token);
            await Task.WhenAny(client.CopyToAsync(there, _stopping.Token), there.CopyToAsync(client, _stopping.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // Nobody there, or either side ended.
        }
    }
}
