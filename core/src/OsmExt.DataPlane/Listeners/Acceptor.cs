using System.Net;
using System.Net.Sockets;

namespace OsmExt.DataPlane.Listeners;

/// <summary>A socket that a listener is bound to.</summary>
internal sealed class Acceptor : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Action<Socket> _accepted;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;
    private int _disposed;

    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public Acceptor(IPEndPoint address, int backlog, Action<Socket> accepted)
    {
        _accepted = accepted;
        _socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                _socket.DualMode = false;
            }

            if (!OperatingSystem.IsWindows())
            {
                // Connections of a listener that was there before may linger at the address.
                _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            }

            _socket.Bind(address);
            _socket.Listen(backlog);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        Address = (IPEndPoint)_socket.LocalEndPoint!;
        _loop = Task.Run(AcceptAsync);
    }

    public IPEndPoint Address { get; }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        _socket.Dispose();
        await _loop;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _socket.AcceptAsync(_stopping.Token);
            }
            catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException || _stopping.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException)
            {
                // The client is gone before it was accepted, or there are no descriptors left for now.
                await Task.Yield();
                continue;
            }

            _accepted(socket);
        }
    }
}
