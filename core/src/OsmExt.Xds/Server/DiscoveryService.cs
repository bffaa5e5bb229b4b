using Grpc.Core;
using OsmExt.Envoy;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Server;

/// <summary>
/// A gRPC service of the xDS transport: the aggregated one, with all types on one stream, or the one of a single type. They differ
/// in their names and in what may be asked for; what happens on a stream is the same.
/// </summary>
/// <param name="Name">The service.</param>
/// <param name="Resources">What its methods are called after: <c>Stream…</c>, <c>Delta…</c> and <c>Fetch…</c>.</param>
/// <param name="TypeUrl">The only type of its streams; null for all types.</param>
internal sealed record DiscoveryService(string Name, string Resources, string? TypeUrl)
{
    public static DiscoveryService Aggregated { get; } = new("envoy.service.discovery.v3.AggregatedDiscoveryService", "AggregatedResources", null);

    public static IReadOnlyList<DiscoveryService> All { get; } =
    [
        Aggregated,
        new("envoy.service.cluster.v3.ClusterDiscoveryService", "Clusters", TypeUrls.Cluster),
        new("envoy.service.endpoint.v3.EndpointDiscoveryService", "Endpoints", TypeUrls.Endpoint),
        new("envoy.service.listener.v3.ListenerDiscoveryService", "Listeners", TypeUrls.Listener),
        new("envoy.service.route.v3.RouteDiscoveryService", "Routes", TypeUrls.Route),
        new("envoy.service.route.v3.VirtualHostDiscoveryService", "VirtualHosts", TypeUrls.VirtualHost),
        new("envoy.service.secret.v3.SecretDiscoveryService", "Secrets", TypeUrls.Secret),
    ];

    /// <summary>Virtual hosts exist in delta only.</summary>
    public bool HasStateOfTheWorld => TypeUrl is not TypeUrls.VirtualHost;

    /// <summary>Whether the protocol defines a method that asks once. It is not served.</summary>
    public bool HasFetch => TypeUrl is not null and not TypeUrls.VirtualHost;

    public string MethodOf(XdsVariant variant) => (variant == XdsVariant.Delta ? "Delta" : "Stream") + Resources;

    /// <summary>The request with its type, which may go without saying where there is but one.</summary>
    public TypeRequest Typed(TypeRequest request)
    {
        if (TypeUrl is null || string.Equals(request.TypeUrl, TypeUrl, StringComparison.Ordinal))
        {
            return request;
        }

        return request.TypeUrl.Length == 0
            ? request with { TypeUrl = TypeUrl }
            : throw new RpcException(new Status(
                StatusCode.InvalidArgument, $"a stream of {Name} carries {TypeUrl} only; the aggregated service carries all types"));
    }
}
