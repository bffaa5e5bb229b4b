using System.Net.Sockets;

namespace OsmExt.DataPlane.Streams;

/// <summary>How streams end, other than by being closed.</summary>
internal static class Ends
{
    /// <summary>Whether a failure is a connection's end: it is gone, or closed, or its time is over.</summary>
    public static bool IsEnd(Exception failure) => failure is IOException or SocketException or OperationCanceledException or ObjectDisposedException;

    /// <summary>Closes the writing end where the stream has one of its own; else leaves it open until the stream is closed.</summary>
    public static async ValueTask CloseWriteAsync(Stream stream)
    {
        switch (stream)
        {
            case HalfClosableStream half:
                await half.CloseWriteAsync();
                break;
            case TlsStream tls:
                await tls.ShutdownAsync();
                await CloseWriteAsync(tls.Inner);
                break;
            case NetworkStream network:
                network.Socket.Shutdown(SocketShutdown.Send);
                break;
        }
    }

    /// <summary>Closes it at once, so that the other side sees a reset rather than an orderly end.</summary>
    public static void Reset(Stream stream)
    {
        switch (stream)
        {
            case NetworkStream network:
                try
                {
                    network.Socket.LingerState = new(true, 0);
                }
                catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
                {
                    // It is closed already, which is what is wanted.
                }

                network.Dispose();
                break;
            case TlsStream tls:
                Reset(tls.Inner);
                break;
            case WrappedStream wrapped:
                Reset(wrapped.Inner);
                wrapped.Dispose();
                break;
            default:
                stream.Dispose();
                break;
        }
    }
}
