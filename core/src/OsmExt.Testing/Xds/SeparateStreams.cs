using Envoy.Service.Cluster.V3;
using Envoy.Service.Discovery.V3;
using Envoy.Service.Endpoint.V3;
using Envoy.Service.Listener.V3;
using Envoy.Service.Route.V3;
using Envoy.Service.Secret.V3;
using Grpc.Core;
using OsmExt.Envoy;

namespace OsmExt.Testing.Xds;

/// <summary>The methods of the discovery services that carry one type each.</summary>
internal static class SeparateStreams
{
    public static AsyncDuplexStreamingCall<DiscoveryRequest, DiscoveryResponse> StateOfTheWorld(ChannelBase channel, string typeUrl) => typeUrl switch
    {
        TypeUrls.Cluster => new ClusterDiscoveryService.ClusterDiscoveryServiceClient(channel).StreamClusters(),
        TypeUrls.Endpoint => new EndpointDiscoveryService.EndpointDiscoveryServiceClient(channel).StreamEndpoints(),
        TypeUrls.Listener => new ListenerDiscoveryService.ListenerDiscoveryServiceClient(channel).StreamListeners(),
        TypeUrls.Route => new RouteDiscoveryService.RouteDiscoveryServiceClient(channel).StreamRoutes(),
        TypeUrls.Secret => new SecretDiscoveryService.SecretDiscoveryServiceClient(channel).StreamSecrets(),
        _ => throw new ArgumentException($"{typeUrl} has no discovery service of its own in this variant", nameof(typeUrl)),
    };

    public static AsyncDuplexStreamingCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> Delta(ChannelBase channel, string typeUrl) => typeUrl switch
    {
        TypeUrls.Cluster => new ClusterDiscoveryService.ClusterDiscoveryServiceClient(channel).DeltaClusters(),
        TypeUrls.Endpoint => new EndpointDiscoveryService.EndpointDiscoveryServiceClient(channel).DeltaEndpoints(),
        TypeUrls.Listener => new ListenerDiscoveryService.ListenerDiscoveryServiceClient(channel).DeltaListeners(),
        TypeUrls.Route => new RouteDiscoveryService.RouteDiscoveryServiceClient(channel).DeltaRoutes(),
        TypeUrls.VirtualHost => new VirtualHostDiscoveryService.VirtualHostDiscoveryServiceClient(channel).DeltaVirtualHosts(),
        TypeUrls.Secret => new SecretDiscoveryService.SecretDiscoveryServiceClient(channel).DeltaSecrets(),
        _ => throw new ArgumentException($"{typeUrl} has no discovery service of its own", nameof(typeUrl)),
    };
}
