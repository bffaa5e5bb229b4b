using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace OsmExt.DataPlane.Entry;

/// <summary>SOCKS version 5 (RFC 1928), as far as TCP needs it: CONNECT without authentication, to names and addresses.</summary>
internal static class Socks
{
    public const byte Version = 5;

    private const byte NoAuthentication = 0;
    private const byte NoneAcceptable = 0xff;
    private const byte Connect = 1;
    private const byte Succeeded = 0;
    private const byte CommandNotSupported = 7;
    private const byte AddressNotSupported = 8;

    /// <summary>Speaks the handshake up to the client's wish. Null when there is none that can be met; the client has been told.</summary>
    public static async Task<(string Host, int Port)?> ReadAsync(Stream stream, CancellationToken stop)
    {
        var head = await ExactlyAsync(stream, 2, stop);
        var methods = await ExactlyAsync(stream, head[1], stop);
        if (head[0] != Version || !methods.Contains(NoAuthentication))
        {
            await stream.WriteAsync(new byte[] { Version, NoneAcceptable }, stop);
            return null;
        }

        await stream.WriteAsync(new byte[] { Version, NoAuthentication }, stop);
        var request = await ExactlyAsync(stream, 4, stop);
        if (request[0] != Version)
        {
            return null;
        }

        var host = request[3] switch
        {
            1 => new IPAddress(await ExactlyAsync(stream, 4, stop)).ToString(),
            4 => new IPAddress(await ExactlyAsync(stream, 16, stop)).ToString(),
            3 => Encoding.ASCII.GetString(await ExactlyAsync(stream, (await ExactlyAsync(stream, 1, stop))[0], stop)),
            _ => null,
        };
        if (host is null || Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            await ReplyAsync(stream, AddressNotSupported, stop);
            return null;
        }

        int port = BinaryPrimitives.ReadUInt16BigEndian(await ExactlyAsync(stream, 2, stop));
        if (request[1] != Connect)
        {
            await ReplyAsync(stream, CommandNotSupported, stop);
            return null;
        }

        return (host, port);
    }

    /// <summary>Tells the client that its connection is open.</summary>
    public static Task AcceptAsync(Stream stream, CancellationToken stop) => ReplyAsync(stream, Succeeded, stop);

    /// <summary>Tells the client why it is not.</summary>
    public static Task RefuseAsync(Stream stream, EntryFailure failure, CancellationToken stop) => ReplyAsync(stream, failure switch
    {
        EntryFailure.UnknownHost => 4,
        EntryFailure.Unreachable => 5,
        _ => (byte)1,
    }, stop);

    private static async Task ReplyAsync(Stream stream, byte reply, CancellationToken stop)
        => await stream.WriteAsync(new byte[] { Version, reply, 0, 1, 0, 0, 0, 0, 0, 0 }, stop);

    private static async Task<byte[]> ExactlyAsync(Stream stream, int count, CancellationToken stop)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, stop);
        return bytes;
    }
}
