using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using OsmExt.Envoy;

namespace OsmExt.Simulation.Dumps;

/// <summary>The names of the certificates that a resource's TLS contexts ask for over SDS.</summary>
internal static class SecretReferences
{
    public static IEnumerable<string> Certificates(IMessage resource) => Sockets(resource)
        .Select(socket => socket.TypedConfig is { } packed ? EnvoyTypes.Unpack(packed) : null)
        .Select(context => context switch
        {
            UpstreamTlsContext upstream => upstream.CommonTlsContext,
            DownstreamTlsContext downstream => downstream.CommonTlsContext,
            _ => null,
        })
        .SelectMany(common => common?.TlsCertificateSdsSecretConfigs.Select(secret => secret.Name) ?? []);

    private static IEnumerable<TransportSocket> Sockets(IMessage resource) => (resource switch
    {
        Cluster cluster => [cluster.TransportSocket],
        Listener listener => listener.FilterChains.Append(listener.DefaultFilterChain).Select(chain => chain?.TransportSocket),
        _ => (IEnumerable<TransportSocket?>)[],
    }).OfType<TransportSocket>();
}
