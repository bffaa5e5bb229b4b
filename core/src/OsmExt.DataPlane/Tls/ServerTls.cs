using System.Net.Security;
using System.Security.Authentication;
using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.DataPlane.Observation.Statistics;
using OsmExt.DataPlane.Streams;
using OsmExt.Simulation;
using OsmExt.Simulation.Tls;

namespace OsmExt.DataPlane.Tls;

/// <summary>The server's side of handshakes. What has been delivered last counts, so a rotation needs nothing else.</summary>
internal static class ServerTls
{
    /// <returns>The stream inside, and who the client is.</returns>
    /// <exception cref="AuthenticationException">No handshake came about; the message says why.</exception>
    public static async ValueTask<(TlsStream Stream, PeerTrust Trust)> AcceptAsync(
        ProxyConfiguration proxy, DownstreamTlsContext context, Stream stream, string chain, TimeProvider time, TlsCounts? counts, CancellationToken stop)
    {
        var common = context.CommonTlsContext ?? new();
        if (Credential.Of(proxy, common) is not { } own)
        {
            throw new AuthenticationException($"no certificate has been delivered for filter chain {chain}");
        }

        var trust = new PeerTrust(proxy, common, $"filter chain {chain}", time);
        var required = context.RequireClientCertificate is true;
        var tls = new TlsStream(stream);
        try
        {
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = own,
                ClientCertificateRequired = required || trust.Asks,
                RemoteCertificateValidationCallback = trust.Callback(isClient: true, required),
                EnabledSslProtocols = TlsSettings.Protocols(TlsVersions.Server(common)),
                CipherSuitesPolicy = TlsSettings.Ciphers(common),
                ApplicationProtocols = TlsSettings.Protocols(common),
                // A resumed session would skip the names that count now.
                AllowTlsResume = false,
            }, stop);
        }
        catch (AuthenticationException) when (trust.Problem is null)
        {
            counts?.Failed(null);
            throw;
        }
        catch (AuthenticationException)
        {
            counts?.Failed(trust.Refusal);
            throw new AuthenticationException(trust.Problem);
        }

        counts?.Succeeded(tls, anonymous: trust.Certificate is null);
        return (tls, trust);
    }
}
