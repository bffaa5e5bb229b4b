using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;

namespace OsmExt.Xds.Tests;

/// <summary>Small resources. The number is content: another number is another version.</summary>
internal static class Some
{
    public static XdsResource Cluster(string name, int content = 1, string? serviceName = null) => XdsResource.Create(
        new Cluster
        {
            Name = name,
            Type = global::Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Eds,
            EdsClusterConfig = new() { EdsConfig = new() { Ads = new() }, ServiceName = serviceName ?? "" },
            ConnectTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(content)),
        },
        name,
        [$"Service {name}"]);

    public static XdsResource StaticCluster(string name, int content = 1) => XdsResource.Create(
        new Cluster
        {
            Name = name,
            Type = global::Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Static,
            ConnectTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(content)),
        },
        name);

    public static XdsResource Endpoints(string name, int content = 1) => XdsResource.Create(
        new ClusterLoadAssignment
        {
            ClusterName = name,
            Endpoints =
            {
                new LocalityLbEndpoints
                {
                    LbEndpoints =
                    {
                        new LbEndpoint
                        {
                            Endpoint = new() { Address = new() { SocketAddress = new() { Address = "127.0.0.1", PortValue = (uint)content } } },
                        },
                    },
                },
            },
        },
        name);

    public static XdsResource Listener(string name, int content = 1) => XdsResource.Create(
        new Listener { Name = name, Address = new() { SocketAddress = new() { Address = "127.0.0.1", PortValue = (uint)content } } }, name);

    public static XdsResource Route(string name, int content = 1, int padding = 0) => XdsResource.Create(
        new RouteConfiguration { Name = name, MaxDirectResponseBodySizeBytes = (uint)content, InternalOnlyHeaders = { new string('x', padding) } }, name);

    public static XdsResource VirtualHost(string name, int content = 1)
        => XdsResource.Create(new VirtualHost { Name = name, Domains = { name }, PerRequestBufferLimitBytes = (uint)content }, name);

    public static XdsResource Secret(string name, int content = 1) => XdsResource.Create(
        new Secret { Name = name, GenericSecret = new() { Secret = new DataSource { InlineString = $"{content}" } } }, name);

    public static XdsResource Of(string typeUrl, string name, int content) => typeUrl switch
    {
        TypeUrls.Cluster => Cluster(name, content),
        TypeUrls.Endpoint => Endpoints(name, content),
        TypeUrls.Listener => Listener(name, content),
        TypeUrls.Route => Route(name, content),
        TypeUrls.VirtualHost => VirtualHost(name, content),
        _ => Secret(name, content),
    };
}
