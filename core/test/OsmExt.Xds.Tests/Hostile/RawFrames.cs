using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using static OsmExt.Tests.Shared.Http2Frames;

namespace OsmExt.Xds.Tests.Hostile;

/// <summary>HTTP/2 frames as bytes, and a connection that sends whatever it is told.</summary>
internal static class RawFrames
{
    public static byte[] Settings { get; } = Frame(4, 0, 0);

    public static byte[] Ping { get; } = Frame(6, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8);

    public static byte[] WindowUpdate { get; } = Frame(8, 0, 0, 0, 0, 0, 1);

    public static byte[] Priority { get; } = Frame(2, 0, 1, 0, 0, 0, 0, 16);

    public static byte[] Data(int length) => Frame(0, 0, 1, new byte[length]);

    /// <summary>The shortest request there is: POST https / with an authority.</summary>
    public static byte[] Request(int stream, bool endsHeaders = true)
        => Frame(1, endsHeaders ? 4 : 0, stream, 0x83, 0x87, 0x84, 0x41, 1, (byte)'a');

    public static byte[] Continuation(int stream) => Frame(9, 0, stream);

    public static byte[] Reset(int stream) => Frame(3, 0, stream, 0, 0, 0, 8);

    public static async Task<Socket> ConnectAsync(Uri address, string from = "127.0.0.1")
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        try
        {
            await socket.ConnectAsync(address.Host, address.Port);
        }
        catch (SocketException refused) when (refused.SocketErrorCode is SocketError.ConnectionReset)
        {
            // It was refused before it knew that it was connected.
            socket.Close();
        }

        return socket;
    }

    public static async Task<SslStream> ShakeHandsAsync(Socket socket, X509Certificate2 certificate, X509Certificate2 root, CancellationToken cancellationToken = default)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(root);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                CertificateChainPolicy = trust,
                LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
            },
            cancellationToken);
        return tls;
    }

    /// <summary>Whether the other side has ended the connection, by now or within the time.</summary>
    public static async Task<bool> IsEndedAsync(Stream stream, TimeSpan within)
    {
        using var patience = new CancellationTokenSource(within, TimeProvider.System);
        var buffer = new byte[16_384];
        try
        {
            while (await stream.ReadAsync(buffer, patience.Token) > 0)
            {
            }

            return true;
        }
        catch (IOException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
