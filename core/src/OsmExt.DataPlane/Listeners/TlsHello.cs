using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace OsmExt.DataPlane.Listeners;

/// <summary>How far the bytes at the start of a connection have been understood as TLS.</summary>
internal enum HelloState
{
    /// <summary>It may be TLS; more bytes are needed.</summary>
    Unfinished,

    /// <summary>It is no TLS.</summary>
    None,

    /// <summary>All of the client's first message is there.</summary>
    Read,
}

/// <summary>Server name and protocols in a client's first TLS message (RFC 8446, 4.1.2), which may be spread over several records.</summary>
/// <param name="ServerName">Empty for none.</param>
/// <param name="Alpn">In the client's order.</param>
internal sealed record TlsHello(string ServerName, ImmutableArray<string> Alpn)
{
    private const int RecordHeader = 5;
    private const byte HandshakeRecord = 22;
    private const byte ClientHelloMessage = 1;
    private const ushort ServerNameExtension = 0;
    private const ushort AlpnExtension = 16;

    public static HelloState Read(ReadOnlySpan<byte> bytes, out TlsHello? hello)
    {
        hello = null;
        var message = new byte[bytes.Length];
        var length = 0;
        while (true)
        {
            if (bytes.Length > 0 && (bytes[0] != HandshakeRecord || (bytes.Length > 1 && bytes[1] != 3)))
            {
                return HelloState.None;
            }

            if (bytes.Length < RecordHeader)
            {
                return HelloState.Unfinished;
            }

            var record = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
            var part = bytes[RecordHeader..Math.Min(bytes.Length, RecordHeader + record)];
            part.CopyTo(message.AsSpan(length));
            length += part.Length;
            if (length > 0 && message[0] != ClientHelloMessage)
            {
                return HelloState.None;
            }

            if (length >= 4 && length - 4 >= Size(message.AsSpan(1)))
            {
                hello = Parse(message.AsSpan(4, Size(message.AsSpan(1))));
                return hello is null ? HelloState.None : HelloState.Read;
            }

            if (part.Length < record)
            {
                return HelloState.Unfinished;
            }

            bytes = bytes[(RecordHeader + record)..];
        }
    }

    private static int Size(ReadOnlySpan<byte> three) => (three[0] << 16) | (three[1] << 8) | three[2];

    private static TlsHello? Parse(ReadOnlySpan<byte> body)
    {
        // Version and random, then three lists of which none matters here, then extensions.
        var rest = body.Length > 34 ? body[34..] : default;
        if (!Skip(ref rest, 1) || !Skip(ref rest, 2) || !Skip(ref rest, 1))
        {
            return null;
        }

        var (name, alpn) = ("", ImmutableArray<string>.Empty);
        if (rest.Length > 0)
        {
            if (!Take(ref rest, 2, out var extensions))
            {
                return null;
            }

            while (extensions.Length >= 4)
            {
                var type = BinaryPrimitives.ReadUInt16BigEndian(extensions);
                extensions = extensions[2..];
                if (!Take(ref extensions, 2, out var value))
                {
                    return null;
                }

                (name, alpn) = type switch
                {
                    ServerNameExtension => (NameIn(value), alpn),
                    AlpnExtension => (name, ProtocolsIn(value)),
                    _ => (name, alpn),
                };
            }
        }

        return new(name, alpn);
    }

    private static string NameIn(ReadOnlySpan<byte> value)
        => Take(ref value, 2, out var list) && list.Length > 3 && list[0] == 0 && list[1..] is var named && Take(ref named, 2, out var host)
            ? Encoding.Latin1.GetString(host) : "";

    private static ImmutableArray<string> ProtocolsIn(ReadOnlySpan<byte> value)
    {
        var found = ImmutableArray.CreateBuilder<string>();
        if (Take(ref value, 2, out var list))
        {
            while (Take(ref list, 1, out var protocol))
            {
                found.Add(Encoding.Latin1.GetString(protocol));
            }
        }

        return found.ToImmutable();
    }

    private static bool Skip(ref ReadOnlySpan<byte> bytes, int lengthBytes) => Take(ref bytes, lengthBytes, out _);

    private static bool Take(ref ReadOnlySpan<byte> bytes, int lengthBytes, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (bytes.Length < lengthBytes)
        {
            return false;
        }

        var length = lengthBytes == 1 ? bytes[0] : BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (bytes.Length < lengthBytes + length)
        {
            return false;
        }

        taken = bytes.Slice(lengthBytes, length);
        bytes = bytes[(lengthBytes + length)..];
        return true;
    }
}
