using System.Buffers;
using System.Buffers.Binary;

namespace OsmExt.Fleet.Wire;

/// <summary>How a slow reader reads.</summary>
/// <param name="Bytes">At most so many at once.</param>
/// <param name="Pause">Before each time.</param>
internal sealed record ReadingPace(int Bytes, TimeSpan Pause);

/// <summary>
/// One HTTP/2 connection with one gRPC call, as far as a discovery stream needs it: thousands of them must cost little beside the server that is measured.
/// An idle one holds no buffer. For one reader, who is the only writer too.
/// </summary>
internal sealed class GrpcStream(Stream transport, string authority, string path, ReadingPace? pace = null) : IAsyncDisposable
{
    // What Envoy grants by default, so that only a reader that does not read stops a server.
    private const int Window = 16 * 1024 * 1024;
    private const int MaxFrame = 16 * 1024;
    private const int ReadSize = 33 * 1024;
    private const int Call = 1;
    private const int MessageHead = 5;

    private readonly Output _output = new();
    private readonly Output _blocked = new();
    private readonly MessageAssembly _message = new();
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _data;
    private bool _lastData;
    private int _consumed;
    private long _connectionWindow = 65_535;
    private long _streamWindow = 65_535;
    private int _initialWindow = 65_535;

    /// <summary>Why it ended, as far as the server said; null while it has not.</summary>
    public string? End { get; private set; }

    /// <summary>Bytes of messages and their framing that came in.</summary>
    public long BytesReceived { get; private set; }

    /// <summary>Opens connection and call.</summary>
    public void Open()
    {
        _output.Bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        // No pushes, no dynamic table, and the window.
        Frame(FrameType.Settings, 0, 0, 18);
        foreach (var (setting, value) in ((int, int)[])[(1, 0), (2, 0), (4, Window)])
        {
            _output.Int16(setting);
            _output.Int32(value);
        }

        WindowUpdate(0, Window - 65_535);
        var headers = RequestHeaders.Of(authority, path);
        Frame(FrameType.Headers, FrameFlags.EndHeaders, Call, headers.Length);
        _output.Bytes(headers);
    }

    /// <summary>Takes a message to be sent with the next flush.</summary>
    public void Write(ReadOnlySpan<byte> message)
    {
        _blocked.Byte(0);
        _blocked.Int32(message.Length);
        _blocked.Bytes(message);
        Release();
    }

    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        if (_output.Length > 0)
        {
            await transport.WriteAsync(_output.Written, cancellation).ConfigureAwait(false);
            _output.Clear();
        }
    }

    /// <summary>Whether a whole message is there already, so that the next call does not wait.</summary>
    public bool HasData => _data > MessageHead;

    /// <summary>The next message, valid until the next call; null when the call or the connection has ended.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellation)
    {
        _message.Release();
        while (true)
        {
            if (_data > 0)
            {
                var taken = _message.Take(_buffer.AsMemory(_start, _data), out var message);
                (_start, _data) = (_start + taken, _data - taken);
                if (message is not null)
                {
                    return message;
                }
            }
            else if (_lastData)
            {
                End ??= "ended";
                return null;
            }
            else if (!HasFrame())
            {
                await FlushAsync(cancellation).ConfigureAwait(false);
                if (!await FillAsync(cancellation).ConfigureAwait(false))
                {
                    End ??= "connection closed";
                    return null;
                }
            }
            else if (TakeFrame())
            {
                return null;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await transport.DisposeAsync().ConfigureAwait(false);
        ReturnBuffer();
        _output.Clear();
        _blocked.Clear();
        _message.Release();
    }

    private bool HasFrame() => _end - _start >= Frames.HeadSize && _end - _start >= Frames.HeadSize + Frames.LengthOf(_buffer.AsSpan(_start));

    /// <summary>Takes a whole frame; true when it ends the call.</summary>
    private bool TakeFrame()
    {
        var head = _buffer.AsSpan(_start, Frames.HeadSize);
        var (length, type, flags) = (Frames.LengthOf(head), (FrameType)head[3], (FrameFlags)head[4]);
        _start += Frames.HeadSize;
        if (type == FrameType.Data)
        {
            _data = length;
            _lastData = flags.HasFlag(FrameFlags.Last);
            BytesReceived += length;
            Consume(length);
            return false;
        }

        var payload = _buffer.AsSpan(_start, length);
        _start += length;
        switch (type)
        {
            case FrameType.Headers when flags.HasFlag(FrameFlags.Last):
                End = Frames.StatusIn(payload);
                return true;
            case FrameType.Reset:
                End = "reset";
                return true;
            case FrameType.Settings when !flags.HasFlag(FrameFlags.Last):
                Settings(payload);
                Frame(FrameType.Settings, FrameFlags.Last, 0, 0);
                break;
            case FrameType.Ping when !flags.HasFlag(FrameFlags.Last):
                Frame(FrameType.Ping, FrameFlags.Last, 0, length);
                _output.Bytes(payload);
                break;
            case FrameType.WindowUpdate:
                var grant = BinaryPrimitives.ReadInt32BigEndian(payload);
                (_connectionWindow, _streamWindow) = head[8] == 0 ? (_connectionWindow + grant, _streamWindow) : (_connectionWindow, _streamWindow + grant);
                Release();
                break;
        }

        return false;
    }

    private void Settings(ReadOnlySpan<byte> payload)
    {
        for (; payload.Length >= 6; payload = payload[6..])
        {
            if (BinaryPrimitives.ReadInt16BigEndian(payload) == 4)
            {
                var window = BinaryPrimitives.ReadInt32BigEndian(payload[2..]);
                _streamWindow += window - _initialWindow;
                _initialWindow = window;
            }
        }

        Release();
    }

    private void Consume(int length)
    {
        _consumed += length;
        if (_consumed > Window / 2)
        {
            WindowUpdate(0, _consumed);
            WindowUpdate(Call, _consumed);
            _consumed = 0;
        }
    }

    private void WindowUpdate(int stream, int grant)
    {
        Frame(FrameType.WindowUpdate, 0, stream, sizeof(int));
        _output.Int32(grant);
    }

    // What the server's windows allow of what waits.
    private void Release()
    {
        var waiting = _blocked.Written;
        while (!waiting.IsEmpty && Math.Min(_connectionWindow, _streamWindow) is var window and > 0)
        {
            var length = (int)Math.Min(Math.Min(waiting.Length, MaxFrame), window);
            Frame(FrameType.Data, 0, Call, length);
            _output.Bytes(waiting.Span[..length]);
            waiting = waiting[length..];
            (_connectionWindow, _streamWindow) = (_connectionWindow - length, _streamWindow - length);
        }

        var rest = waiting.Span.ToArray();
        _blocked.Clear();
        if (rest.Length > 0)
        {
            _blocked.Bytes(rest);
        }
    }

    private void Frame(FrameType type, FrameFlags flags, int stream, int length)
    {
        _output.Byte((byte)(length >> 16));
        _output.Int16(length & 0xFFFF);
        _output.Byte((byte)type);
        _output.Byte((byte)flags);
        _output.Int32(stream);
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (_start == _end)
        {
            // Waits without a buffer of its own.
            ReturnBuffer();
            await transport.ReadAsync(Memory<byte>.Empty, cancellation).ConfigureAwait(false);
            _buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        }
        else
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (pace is not null)
        {
            await Task.Delay(pace.Pause, TimeProvider.System, cancellation).ConfigureAwait(false);
        }

        var room = _buffer.AsMemory(_end);
        var read = await transport.ReadAsync(pace is null || room.Length < pace.Bytes ? room : room[..pace.Bytes], cancellation).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }

    private void ReturnBuffer()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        (_buffer, _start, _end) = ([], 0, 0);
    }
}
