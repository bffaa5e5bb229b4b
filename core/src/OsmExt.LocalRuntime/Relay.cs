using System.Net;
using System.Net.Sockets;

namespace OsmExt.LocalRuntime;

/// <summary>Passes what comes in at a listening socket on to somewhere else, byte by byte, until either side ends: a door between two networks.</summary>
public sealed class Relay : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    /// <summary>Begins to accept.</summary>
    /// <param name="listener">Where it comes in; closed with the relay.</param>
    /// <param name="dial">Opens a connection to where it goes.</param>
    public Relay(Socket listener, Func<CancellationToken, Task<Stream>> dial)
    {
        ArgumentNullException.ThrowIfNull(listener);
        ArgumentNullException.ThrowIfNull(dial);
        _listener = listener;
        _accepting = AcceptAsync(dial);
    }

    /// <summary>Where it comes in.</summary>
    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>A relay that is entered at any free port of loopback.</summary>
    /// <param name="dial">Opens a connection to where it goes.</param>
    public static Relay OnLoopback(Func<CancellationToken, Task<Stream>> dial)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            return new(listener, dial);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Connects to an address of this process's own network.</summary>
    /// <param name="endpoint">The address.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<Stream> DialAsync(EndPoint endpoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Func<CancellationToken, Task<Stream>> dial)
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await _listener.AcceptAsync(_stopping.Token).ConfigureAwait(false), dial);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is no longer wanted.
        }
    }

    private async Task PassAsync(Socket accepted, Func<CancellationToken, Task<Stream>> dial)
    {
        var client = new NetworkStream(accepted, ownsSocket: true);
        await using var _ = client.ConfigureAwait(false);
        try
        {
            var there = await dial(_stopping.Token).ConfigureAwait(false);
            await using var __ = there.ConfigureAwait(false);
            await Task.WhenAny(client.CopyToAsync(there, _stopping.Token), there.CopyToAsync(client, _stopping.Token)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // Nobody there, or either side ended.
        }
    }
}
