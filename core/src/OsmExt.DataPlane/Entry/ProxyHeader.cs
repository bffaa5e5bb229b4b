using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace OsmExt.DataPlane.Entry;

/// <summary>
/// The PROXY protocol's header, version 2: from where to where a connection was opened, before the first byte of it. It stands for what the
/// network would tell if pods had networks of their own.
/// </summary>
internal static class ProxyHeader
{
    private const int Fixed = 16;
    private const int Longest = 512;
    private const byte ProxyCommand = 0x21;
    private const byte TcpOver4 = 0x11;
    private const byte TcpOver6 = 0x21;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    public static byte[] Write(IPEndPoint source, IPEndPoint destination)
    {
        var isV4 = source.AddressFamily == AddressFamily.InterNetwork && destination.AddressFamily == AddressFamily.InterNetwork;
        var size = isV4 ? 4 : 16;
        var header = new byte[Fixed + (2 * size) + 4];
        Signature.CopyTo(header);
        header[12] = ProxyCommand;
        header[13] = isV4 ? TcpOver4 : TcpOver6;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(14), (ushort)(header.Length - Fixed));
        Address(source, isV4).CopyTo(header, Fixed);
        Address(destination, isV4).CopyTo(header, Fixed + size);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(Fixed + (2 * size)), (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(Fixed + (2 * size) + 2), (ushort)destination.Port);
        return header;
    }

    /// <summary>Reads a header and not a byte more. Null when there is none: whoever it is, it is not a sidecar.</summary>
    public static async ValueTask<(IPEndPoint Source, IPEndPoint Destination)?> ReadAsync(Stream stream, CancellationToken stop)
    {
        var start = new byte[Fixed];
        if (await stream.ReadAtLeastAsync(start, Fixed, throwOnEndOfStream: false, stop) < Fixed
            || !start.AsSpan(0, Signature.Length).SequenceEqual(Signature) || start[12] != ProxyCommand)
        {
            return null;
        }

        var size = start[13] switch { TcpOver4 => 4, TcpOver6 => 16, _ => 0 };
        int length = BinaryPrimitives.ReadUInt16BigEndian(start.AsSpan(14));
        if (size == 0 || length < (2 * size) + 4 || length > Longest)
        {
            return null;
        }

        var rest = new byte[length];
        return await stream.ReadAtLeastAsync(rest, length, throwOnEndOfStream: false, stop) < length
            ? null
            : (End(rest, 0, size, 2 * size), End(rest, size, size, (2 * size) + 2));
    }

    private static byte[] Address(IPEndPoint end, bool isV4) => (isV4 ? end.Address : end.Address.MapToIPv6()).GetAddressBytes();

    private static IPEndPoint End(byte[] rest, int at, int size, int port)
    {
        var address = new IPAddress(rest.AsSpan(at, size));
        return new(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, BinaryPrimitives.ReadUInt16BigEndian(rest.AsSpan(port)));
    }
}
