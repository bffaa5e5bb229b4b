using System.Buffers;

namespace OsmExt.Xds.Server.Connections;

/// <summary>
/// Follows the frames of an HTTP/2 connection in the bytes as they come, and counts those that cost the server work and the
/// client nothing: all but such that carry a payload of the application. Payloads are skipped and not looked at.
/// </summary>
/// <param name="perSecond">Frames of that kind a second, in the long run.</param>
/// <param name="burst">At once.</param>
/// <param name="clock">The clock.</param>
internal sealed class FrameCount(int perSecond, int burst, TimeProvider clock)
{
    private readonly int _burst = burst;
    private const int PrefaceLength = 24;
    private const int HeaderLength = 9;
    private const int TypeAt = 3;
    private const byte DataType = 0;
    private const byte WindowUpdate = 8;

    // A client that takes much sends many of these.
    private const double WindowUpdateWeight = 0.01;

    private double _left = burst;
    private long _countedAt = clock.GetTimestamp();
    private long _skip = PrefaceLength;
    private int _inHeader;
    private int _length;
    private byte _type;

    /// <summary>Takes note of the next bytes. Returns false when there were too many frames.</summary>
    public bool Follow(ReadOnlySequence<byte> bytes)
    {
        foreach (var segment in bytes)
        {
            Follow(segment.Span);
        }

        if (_left >= 0)
        {
            return true;
        }

        var now = clock.GetTimestamp();
        _left = Math.Min(_burst, _left + (clock.GetElapsedTime(_countedAt, now).TotalSeconds * perSecond));
        _countedAt = now;
        return _left >= 0;
    }

    private void Follow(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_skip > 0)
            {
                var skipped = (int)Math.Min(_skip, bytes.Length);
                _skip -= skipped;
                bytes = bytes[skipped..];
                continue;
            }

            if (_inHeader < TypeAt)
            {
                _length = (_length << 8) | bytes[0];
            }
            else if (_inHeader == TypeAt)
            {
                _type = bytes[0];
            }

            bytes = bytes[1..];
            if (++_inHeader == HeaderLength)
            {
                _left -= _type is WindowUpdate ? WindowUpdateWeight : _type is DataType && _length > 0 ? 0 : 1;
                (_skip, _inHeader, _length) = (_length, 0, 0);
            }
        }
    }
}
