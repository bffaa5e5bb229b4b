using System.Net;
using System.Net.Sockets;

namespace OsmExt.DataPlane.Upstream;

/// <summary>How connections to endpoints are opened: over the network, or inside this process.</summary>
internal interface IDialer
{
    /// <exception cref="SocketException">Nobody is there.</exception>
    ValueTask<Stream> DialAsync(IPEndPoint destination, CancellationToken stop);
}

/// <summary>Over the network.</summary>
internal sealed class SocketDialer : IDialer
{
    public async ValueTask<Stream> DialAsync(IPEndPoint destination, CancellationToken stop)
    {
        var socket = new Socket(destination.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(destination, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
