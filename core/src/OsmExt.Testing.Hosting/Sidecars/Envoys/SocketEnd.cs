using System.Net.Sockets;
using OsmExt.DataPlane.Streams;

namespace OsmExt.Testing.Hosting.Sidecars.Envoys;

/// <summary>One end of a connection that is passed on, which knows whether there is an end that has not been passed on yet.</summary>
internal sealed class SocketEnd(Socket socket) : HalfClosableStream
{
    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private volatile bool _closed;

    /// <summary>Nothing more is written to it.</summary>
    public bool IsWriteClosed => _closed;

    /// <summary>Whether the other side has said all it has to say, and everything of it has been read.</summary>
    public bool IsAtEnd
    {
        get
        {
            try
            {
                return socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
            }
            catch (Exception failure) when (Ends.IsEnd(failure))
            {
                return false;
            }
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _stream.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _stream.WriteAsync(buffer, cancellationToken);

    public override ValueTask CloseWriteAsync()
    {
        socket.Shutdown(SocketShutdown.Send);
        _closed = true;
        return ValueTask.CompletedTask;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
            _closed = true;
        }

        base.Dispose(disposing);
    }
}
