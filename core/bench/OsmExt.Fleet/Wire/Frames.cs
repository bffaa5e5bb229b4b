using System.Text;

namespace OsmExt.Fleet.Wire;

internal enum FrameType : byte
{
    Data = 0,
    Headers = 1,
    Reset = 3,
    Settings = 4,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
}

[Flags]
internal enum FrameFlags : byte
{
    None = 0,

    /// <summary>Of messages and headers the last; of settings and pings an answer.</summary>
    Last = 1,
    EndHeaders = 4,
}

/// <summary>What the head of a frame says, and how a call ended.</summary>
internal static class Frames
{
    public const int HeadSize = 9;

    public static int LengthOf(ReadOnlySpan<byte> head) => (head[0] << 16) | (head[1] << 8) | head[2];

    /// <summary>The gRPC status and message in trailers. The first of a connection carry both as plain text, since neither name is in HPACK's static table.</summary>
    public static string StatusIn(ReadOnlySpan<byte> trailers)
    {
        var message = After(trailers, "grpc-message"u8);
        return $"status {After(trailers, "grpc-status"u8)}{(message.Length > 0 ? $": {Uri.UnescapeDataString(message)}" : "")}";
    }

    private static string After(ReadOnlySpan<byte> trailers, ReadOnlySpan<byte> name)
    {
        var at = trailers.IndexOf(name);
        var value = at < 0 ? default : trailers[(at + name.Length)..];
        return value.Length > 0 && value[0] < 127 && value[0] < value.Length ? Encoding.ASCII.GetString(value.Slice(1, value[0])) : "";
    }
}
