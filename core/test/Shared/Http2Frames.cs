namespace OsmExt.Tests.Shared;

/// <summary>HTTP/2 as bytes, for clients that no library would be.</summary>
internal static class Http2Frames
{
    /// <summary>What a connection begins with.</summary>
    public static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public static byte[] Frame(byte type, int flags, int stream, params ReadOnlySpan<byte> payload)
        => [.. Header(payload.Length, type, flags, stream), .. payload];

    /// <summary>A frame without what it says it carries.</summary>
    public static byte[] Header(int length, byte type, int flags, int stream) =>
    [
        (byte)(length >> 16), (byte)(length >> 8), (byte)length, type, (byte)flags, (byte)(stream >> 24), (byte)(stream >> 16), (byte)(stream >> 8), (byte)stream,
    ];

    /// <summary>The length of a text in a header block: below 127 one byte; else that, and what remains seven bits at a time.</summary>
    public static byte[] Length(int length)
    {
        if (length < 127)
        {
            return [(byte)length];
        }

        var (bytes, rest) = (new List<byte> { 127 }, length - 127);
        for (; rest >= 128; rest >>= 7)
        {
            bytes.Add((byte)(rest | 128));
        }

        return [.. bytes, (byte)rest];
    }
}
