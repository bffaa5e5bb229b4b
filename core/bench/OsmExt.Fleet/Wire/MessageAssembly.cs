using System.Buffers;
using System.Buffers.Binary;

namespace OsmExt.Fleet.Wire;

/// <summary>Puts together gRPC messages that frames cut into pieces; one that came in one piece is handed on where it lies.</summary>
internal sealed class MessageAssembly
{
    private const int HeadSize = 5;
    private readonly byte[] _head = new byte[HeadSize];
    private byte[] _body = [];
    private int _headFilled;
    private int _filled;
    private bool _complete;

    /// <summary>Takes what belongs to one message and says how much that was.</summary>
    /// <param name="data">What came.</param>
    /// <param name="message">The message, when it is complete.</param>
    public int Take(ReadOnlyMemory<byte> data, out ReadOnlyMemory<byte>? message)
    {
        message = null;
        var head = Math.Min(HeadSize - _headFilled, data.Length);
        data.Span[..head].CopyTo(_head.AsSpan(_headFilled));
        _headFilled += head;
        if (_headFilled < HeadSize)
        {
            return head;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(_head.AsSpan(1));
        var part = Math.Min(length - _filled, data.Length - head);
        if (_filled == 0 && part == length)
        {
            message = data.Slice(head, part);
            _headFilled = 0;
            return head + part;
        }

        if (part == 0)
        {
            // The next piece may hold all of it.
            return head;
        }

        if (_body.Length == 0)
        {
            _body = ArrayPool<byte>.Shared.Rent(length);
        }

        data.Span.Slice(head, part).CopyTo(_body.AsSpan(_filled));
        _filled += part;
        if (_filled == length)
        {
            message = _body.AsMemory(0, length);
            _complete = true;
        }

        return head + part;
    }

    /// <summary>The message that was handed out is done with.</summary>
    public void Release()
    {
        if (_complete)
        {
            ArrayPool<byte>.Shared.Return(_body);
            (_body, _filled, _headFilled, _complete) = ([], 0, 0, false);
        }
    }
}
