using System.Collections;
using Envoy.Config.Cluster.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;

namespace OsmExt.Testing.Xds;

/// <summary>The names of other resources that a listener or cluster refers to, wherever they stand in it.</summary>
internal static class ResourceReferences
{
    public static IEnumerable<string> In(IMessage message, string type)
    {
        var own = message switch
        {
            Cluster { Type: Cluster.Types.DiscoveryType.Eds } cluster when type == TypeUrls.Endpoint
                => cluster.EdsClusterConfig.ServiceName is { Length: > 0 } name ? name : cluster.Name,
            Rds routes when type == TypeUrls.Route => routes.RouteConfigName,
            SdsSecretConfig secret when type == TypeUrls.Secret => secret.Name,
            _ => null,
        };
        var children = message is Any any ? (EnvoyTypes.Unpack(any) is { } content ? [content] : []) : Children(message);
        return children.SelectMany(child => In(child, type)).Concat(own is null ? [] : [own]);
    }

    private static IEnumerable<IMessage> Children(IMessage message)
        => message.Descriptor.Fields.InFieldNumberOrder().SelectMany(field => field.Accessor.GetValue(message) switch
        {
            IMessage child => [child],
            IDictionary map => map.Values.OfType<IMessage>(),
            IList list => list.OfType<IMessage>(),
            _ => [],
        });
}
