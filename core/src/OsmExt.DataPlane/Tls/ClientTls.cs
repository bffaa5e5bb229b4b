using System.Net.Security;
using System.Security.Authentication;
using Envoy.Config.Cluster.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.DataPlane.Observation.Statistics;
using OsmExt.DataPlane.Streams;
using OsmExt.Simulation;
using OsmExt.Simulation.Upstream;

namespace OsmExt.DataPlane.Tls;

/// <summary>The client's side of handshakes with endpoints.</summary>
internal static class ClientTls
{
    /// <summary>The stream as the cluster wants it: as it is, or inside TLS.</summary>
    /// <exception cref="AuthenticationException">No handshake came about; the message says why.</exception>
    public static async ValueTask<Stream> OpenAsync(ProxyConfiguration proxy, Cluster cluster, Stream stream, TimeProvider time, UpstreamCounts? counts, CancellationToken stop)
    {
        var (hello, problem) = UpstreamHello.Of(proxy, cluster);
        if (problem is not null)
        {
            throw new AuthenticationException(problem);
        }

        if (hello is null)
        {
            return stream;
        }

        var context = (UpstreamTlsContext)Packed.Open(cluster.TransportSocket.TypedConfig, cluster.Name);
        var trust = new PeerTrust(proxy, context.CommonTlsContext, $"cluster {cluster.Name}", time);
        var tls = new TlsStream(stream);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = context.Sni,
                ClientCertificateContext = Credential.Of(proxy, context.CommonTlsContext),
                RemoteCertificateValidationCallback = trust.Callback(isClient: false, required: true),
                EnabledSslProtocols = TlsSettings.Protocols(hello.Versions),
                CipherSuitesPolicy = TlsSettings.Ciphers(context.CommonTlsContext),
                ApplicationProtocols = TlsSettings.Protocols(context.CommonTlsContext),
                AllowTlsResume = false,
            }, stop);
            counts?.Tls.Succeeded(tls, anonymous: false);
            return tls;
        }
        catch (AuthenticationException) when (trust.Problem is null)
        {
            counts?.Tls.Failed(null);
            throw;
        }
        catch (AuthenticationException)
        {
            counts?.Tls.Failed(trust.Refusal);
            throw new AuthenticationException(trust.Problem);
        }
    }
}
