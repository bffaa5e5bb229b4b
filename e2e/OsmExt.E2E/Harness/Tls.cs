using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace OsmExt.E2E;

/// <summary>TLS connections out of a pod.</summary>
internal static class Tls
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The names in the certificate the other side shows for a server name; empty when there is no connection.</summary>
    public static async Task<string> ServerAsync(this PodNetwork from, string address, int port, string serverName)
    {
        await using var stream = await HandshakeAsync(from, address, port, serverName, null);
        return stream?.RemoteCertificate?.Subject ?? "";
    }

    /// <summary>The status of a GET over TLS; 0 when there is no answer.</summary>
    /// <param name="from">The client.</param>
    /// <param name="address">Of the server.</param>
    /// <param name="port">Its port.</param>
    /// <param name="path">What is asked for.</param>
    /// <param name="serverName">SNI; empty for none.</param>
    /// <param name="certificate">What the client presents; null for nothing.</param>
    public static async Task<int> SecureStatusAsync(this PodNetwork from, string address, int port, string path, string serverName = "", X509Certificate2? certificate = null)
    {
        await using var stream = await HandshakeAsync(from, address, port, serverName, certificate);
        if (stream is null)
        {
            return 0;
        }

        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: shop.example.com\r\nConnection: close\r\n\r\n"));
            using var reader = new StreamReader(stream);
            return (await reader.ReadLineAsync().WaitAsync(Patience))?.Split(' ') is [_, var status, ..] ? int.Parse(status, System.Globalization.CultureInfo.InvariantCulture) : 0;
        }
        catch (IOException)
        {
            // In TLS 1.3 a server that does not like the client's certificate says so only after the handshake.
            return 0;
        }
    }

    private static async Task<SslStream?> HandshakeAsync(PodNetwork from, string address, int port, string serverName, X509Certificate2? certificate)
    {
        try
        {
            var stream = new SslStream(await from.ConnectAsync(address, port).WaitAsync(Patience));
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = serverName,
                ClientCertificates = certificate is null ? null : [certificate],
                LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
                // Who the server is, the tests ask themselves.
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
            }).WaitAsync(Patience);
            return stream;
        }
        catch (Exception failure) when (failure is SocketException or IOException or System.Security.Authentication.AuthenticationException)
        {
            return null;
        }
    }
}
