using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace OsmExt.DataPlane.Listeners;

/// <summary>Where a redirected connection was opened to, as Linux's connection tracking remembers it.</summary>
internal static class OriginalDestination
{
    private const int SolIp = 0;
    private const int SolIpv6 = 41;
    private const int SoOriginalDst = 80;

    /// <summary>The destination before the redirect; null when there was none, or nobody knows.</summary>
    public static IPEndPoint? Of(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var mapped = socket.RemoteEndPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true };
        return socket.AddressFamily == AddressFamily.InterNetwork || mapped ? V4(socket) : V6(socket);
    }

    private static IPEndPoint? V4(Socket socket)
    {
        Span<byte> address = stackalloc byte[16];
        return Read(socket, SolIp, address) ? new(new IPAddress(address.Slice(4, 4)), BinaryPrimitives.ReadUInt16BigEndian(address[2..])) : null;
    }

    private static IPEndPoint? V6(Socket socket)
    {
        Span<byte> address = stackalloc byte[28];
        return Read(socket, SolIpv6, address) ? new(new IPAddress(address.Slice(8, 16)), BinaryPrimitives.ReadUInt16BigEndian(address[2..])) : null;
    }

    private static bool Read(Socket socket, int level, Span<byte> address)
    {
        try
        {
            return socket.GetRawSocketOption(level, SoOriginalDst, address) == address.Length;
        }
        catch (SocketException)
        {
            // The connection was not redirected.
            return false;
        }
    }
}
