using Envoy.Config.Cluster.V3;
using Envoy.Extensions.TransportSockets.RawBuffer.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.Simulation.Listeners;
using OsmExt.Simulation.Tls;

namespace OsmExt.Simulation.Upstream;

/// <summary>How a proxy opens connections to a cluster's endpoints.</summary>
internal static class UpstreamHello
{
    /// <summary>The TLS it begins with, or null for plain text; a problem when it cannot connect at all.</summary>
    public static (ClientHello? Hello, string? Problem) Of(ProxyConfiguration proxy, Cluster cluster)
    {
        var element = $"transport socket of cluster {cluster.Name}";
        switch (cluster.TransportSocket?.TypedConfig is { } any ? Packed.Open(any, element) : null)
        {
            case null or RawBuffer:
                return (null, null);
            case UpstreamTlsContext context:
                var common = Understood.Check(Understood.Check(context, element).CommonTlsContext, element);
                var (trust, validation) = PeerValidation.Find(proxy, common);
                if (trust.Length > 0 && validation is null)
                {
                    return (null, $"the validation context {trust} has not been delivered");
                }

                if (common.TlsCertificateSdsSecretConfigs.Count > 0 && !PeerValidation.HasCertificate(proxy, common))
                {
                    return (null, $"the certificate {common.TlsCertificateSdsSecretConfigs[0].Name} has not been delivered");
                }

                return (new(context.Sni, [.. common.AlpnProtocols], PeerValidation.HasCertificate(proxy, common) ? proxy.Certificate : null)
                {
                    Versions = TlsVersions.Client(common),
                    RefusesServer = server
                        => PeerValidation.Refuses(proxy, common, server, element) is { } refusal ? $"{proxy.Name}: {refusal}" : null,
                }, null);
            case var other:
                throw Packed.NotKnown(other, element);
        }
    }
}
