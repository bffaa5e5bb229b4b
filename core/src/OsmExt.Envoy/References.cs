using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace OsmExt.Envoy;

/// <summary>Another resource that a listener or a cluster cannot do without.</summary>
/// <param name="TypeUrl">Its type.</param>
/// <param name="Name">Its name.</param>
internal readonly record struct Reference(string TypeUrl, string Name);

/// <summary>What listeners and clusters refer to, wherever it stands in them.</summary>
internal static class References
{
    private static readonly ConditionalWeakTable<IMessage, StrongBox<ImmutableArray<Reference>>> Known = [];

    /// <summary>Each once, in the order of the message.</summary>
    public static ImmutableArray<Reference> Of(IMessage resource)
        => Known.GetValue(resource, static message => new([.. In(message).Distinct()])).Value;

    private static IEnumerable<Reference> In(IMessage message)
    {
        var own = message switch
        {
            Cluster { Type: Cluster.Types.DiscoveryType.Eds } cluster
                => new Reference(TypeUrls.Endpoint, cluster.EdsClusterConfig?.ServiceName is { Length: > 0 } name ? name : cluster.Name),
            Rds { ConfigSource.ConfigSourceSpecifierCase: ConfigSource.ConfigSourceSpecifierOneofCase.Ads } routes => new(TypeUrls.Route, routes.RouteConfigName),
            SdsSecretConfig { SdsConfig.ConfigSourceSpecifierCase: ConfigSource.ConfigSourceSpecifierOneofCase.Ads } secret => new(TypeUrls.Secret, secret.Name),
            _ => (Reference?)null,
        };
        return (own is { } reference ? [reference] : Enumerable.Empty<Reference>()).Concat(Children(message).SelectMany(In));
    }

    private static IEnumerable<IMessage> Children(IMessage message) => message switch
    {
        Any any => EnvoyTypes.Unpack(any) is { } content ? [content] : [],
        Struct => [],
        _ => message.Descriptor.Fields.InFieldNumberOrder().SelectMany(field => field.Accessor.GetValue(message) switch
        {
            IMessage child => [child],
            IDictionary map => map.Values.OfType<IMessage>(),
            IList list => list.OfType<IMessage>(),
            _ => [],
        }),
    };
}
