using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OsmExt.Demo;

/// <summary>
/// What a program has to know where pods have no network of their own: the address to listen at (<c>OSM_LISTEN_ADDRESS</c>) and the proxy to leave by
/// (<c>http_proxy</c>, which .NET follows by itself, and <c>all_proxy</c>). Elsewhere none of them is set.
/// </summary>
internal static class Surroundings
{
    private static readonly IPAddress Any = IPAddress.IPv6Any;

    public static void ListenHere(this KestrelServerOptions kestrel, int port) => kestrel.ListenHere(port, _ => { });

    public static void ListenHere(this KestrelServerOptions kestrel, int port, Action<ListenOptions> configure)
    {
        var address = IPAddress.TryParse(Settings.Variable("OSM_LISTEN_ADDRESS", ""), out var own) ? own : Any;
        if (address.Equals(Any))
        {
            kestrel.ListenAnyIP(port, configure);
        }
        else
        {
            kestrel.Listen(address, port, configure);
        }
    }

    /// <summary>Opens a connection: by SOCKS5 where that is the way out, else directly.</summary>
    public static async Task<TcpClient> ConnectAsync(string host, int port, CancellationToken cancellation)
    {
        var client = new TcpClient();
        try
        {
            if (Uri.TryCreate(Settings.Variable("all_proxy", ""), UriKind.Absolute, out var proxy) && proxy.Scheme.StartsWith("socks5", StringComparison.Ordinal))
            {
                await client.ConnectAsync(proxy.Host, proxy.Port, cancellation);
                await AskAsync(client.GetStream(), host, port, cancellation);
            }
            else
            {
                await client.ConnectAsync(host, port, cancellation);
            }

            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    // RFC 1928: no authentication, CONNECT to a name. The answer's address is IPv4 here.
    private static async Task AskAsync(NetworkStream stream, string host, int port, CancellationToken cancellation)
    {
        var name = Encoding.ASCII.GetBytes(host);
        byte[] request = [5, 1, 0, 5, 1, 0, 3, (byte)name.Length, .. name, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(^2), (ushort)port);
        await stream.WriteAsync(request, cancellation);
        var answer = new byte[12];
        await stream.ReadExactlyAsync(answer, cancellation);
        if (answer[3] != 0)
        {
            throw new IOException($"The proxy refused a connection to {host}:{port} with {answer[3]}.");
        }
    }
}
