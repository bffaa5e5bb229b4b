using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace OsmExt.Cli.Clusters;

/// <summary>
/// One connection to a port of a pod. Each message begins with its channel: 0 are the bytes, 1 is what goes wrong. The first two bytes on either
/// are the port.
/// </summary>
internal sealed class PortStream(WebSocket socket, string where) : Stream
{
    private const byte DataChannel = 0;
    private const int PortLength = 2;
    private const int Piece = 16 * 1024;

    private readonly int[] _skip = [PortLength, PortLength];
    private ReadOnlyMemory<byte> _rest;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty)
        {
            if (await ReceiveAsync(cancellationToken).ConfigureAwait(false) is not { } message)
            {
                return 0;
            }

            _rest = message;
        }

        var length = Math.Min(buffer.Length, _rest.Length);
        _rest[..length].CopyTo(buffer);
        _rest = _rest[length..];
        return length;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (var at = 0; at < buffer.Length; at += Piece)
        {
            var piece = buffer.Slice(at, Math.Min(Piece, buffer.Length - at));
            var message = new byte[piece.Length + 1];
            message[0] = DataChannel;
            piece.CopyTo(message.AsMemory(1));
            await SendAsync(message, cancellationToken).ConfigureAwait(false);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            socket.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task SendAsync(byte[] message, CancellationToken cancellation)
    {
        try
        {
            await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancellation).ConfigureAwait(false);
        }
        catch (WebSocketException failure)
        {
            // Why it was closed may have come before.
            while (await ReceiveAsync(cancellation).ConfigureAwait(false) is not null)
            {
            }

            throw new CommandException($"the connection to {where} was closed: {failure.Message}");
        }
    }

    // The bytes of the next message that has some; null at the end.
    private async Task<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellation)
    {
        var message = new ArrayBufferWriter<byte>();
        while (true)
        {
            ValueWebSocketReceiveResult received;
            try
            {
                received = await socket.ReceiveAsync(message.GetMemory(Piece), cancellation).ConfigureAwait(false);
            }
            catch (WebSocketException failure)
            {
                throw new CommandException($"the connection to {where} broke: {failure.Message}");
            }

            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            message.Advance(received.Count);
            if (received.EndOfMessage && message.WrittenCount > 0)
            {
                return Content(message.WrittenMemory);
            }
        }
    }

    private ReadOnlyMemory<byte> Content(ReadOnlyMemory<byte> message)
    {
        var channel = message.Span[0] == DataChannel ? 0 : 1;
        var skipped = Math.Min(_skip[channel], message.Length - 1);
        _skip[channel] -= skipped;
        var content = message[(1 + skipped)..];
        return channel == 0 || content.IsEmpty ? content : throw new CommandException($"{where} does not answer: {Encoding.UTF8.GetString(content.Span).Trim()}");
    }
}
