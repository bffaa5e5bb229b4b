using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Listener.ProxyProtocol.V3;
using Envoy.Extensions.TransportSockets.ProxyProtocol.V3;
using Envoy.Extensions.TransportSockets.RawBuffer.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using DiscoveryType = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType;

namespace OsmExt.Testing.Hosting.Sidecars.Envoys;

/// <summary>
/// A sidecar's configuration with sockets of a folder in the place of addresses. Nothing else of it is another: what was redirected is told by the PROXY protocol
/// instead of the kernel, and names and addresses of endpoints are looked up when they are dialled.
/// </summary>
/// <param name="at">The folder.</param>
/// <param name="exit">Has somebody listen where connections to a host and port go, and says where that is.</param>
internal sealed class SocketPlaces(SocketFolder at, Func<string, int, string> exit)
{
    /// <summary>A resource as the Envoy shall have it.</summary>
    public Any Of(Any resource) => resource.TypeUrl switch
    {
        TypeUrls.Cluster => Protos.Pack(Of(Cluster.Parser.ParseFrom(resource.Value))),
        TypeUrls.Endpoint => Protos.Pack(Of(ClusterLoadAssignment.Parser.ParseFrom(resource.Value))),
        TypeUrls.Listener => Protos.Pack(Of(Listener.Parser.ParseFrom(resource.Value))),
        _ => resource,
    };

    /// <summary>What it starts with.</summary>
    /// <param name="bootstrap">Is changed.</param>
    /// <param name="discovery">The socket of who hands out its configuration.</param>
    /// <param name="name">Says there who asks.</param>
    public Bootstrap Of(Bootstrap bootstrap, string discovery, HeaderValue name)
    {
        bootstrap.Admin.Address = Pipe(at.Admin);
        foreach (var service in bootstrap.DynamicResources.AdsConfig.GrpcServices)
        {
            service.InitialMetadata.Add(name);
        }

        foreach (var cluster in bootstrap.StaticResources.Clusters)
        {
            if (cluster.Name == BootstrapConfig.ControlPlaneCluster)
            {
                (cluster.Type, cluster.TransportSocket, cluster.UpstreamConnectionOptions) = (DiscoveryType.Static, null, null);
                cluster.LoadAssignment.Endpoints[0].LbEndpoints[0].Endpoint.Address = Pipe(discovery);
            }
        }

        bootstrap.StaticResources.Listeners.Add(Turn());
        return bootstrap;
    }

    // Nobody is behind it: who connects is accepted by a worker, and let go.
    private Listener Turn() => new()
    {
        Name = "turn",
        Address = Pipe(at.Turn),
        FilterChains = { new FilterChain { Filters = { OutboundListeners.TcpProxy("turn", "turn") } } },
    };

    private Cluster Of(Cluster cluster)
    {
        if (cluster.ClusterDiscoveryTypeCase == Cluster.ClusterDiscoveryTypeOneofCase.Type)
        {
            switch (cluster.Type)
            {
                case DiscoveryType.OriginalDst:
                    Anywhere(cluster);
                    return cluster;
                case DiscoveryType.StrictDns or DiscoveryType.LogicalDns:
                    cluster.Type = DiscoveryType.Static;
                    break;
            }
        }

        if (cluster.LoadAssignment is { } endpoints)
        {
            Of(endpoints);
        }

        // Sources are up to the network, and these connections have no keepalive.
        cluster.UpstreamBindConfig = null;
        if (cluster.UpstreamConnectionOptions is { } options)
        {
            options.TcpKeepalive = null;
        }

        return cluster;
    }

    // It says before the first byte to where the client meant to go.
    private void Anywhere(Cluster cluster)
    {
        cluster.Type = DiscoveryType.Static;
        cluster.LbPolicy = Cluster.Types.LbPolicy.RoundRobin;
        cluster.OriginalDstLbConfig = null;
        cluster.LoadAssignment = new()
        {
            ClusterName = cluster.Name,
            Endpoints = { new LocalityLbEndpoints { LbEndpoints = { new LbEndpoint { Endpoint = new() { Address = Pipe(at.Anywhere) } } } } },
        };
        cluster.TransportSocket = new()
        {
            Name = "envoy.transport_sockets.upstream_proxy_protocol",
            TypedConfig = Protos.Pack(new ProxyProtocolUpstreamTransport
            {
                Config = new() { Version = ProxyProtocolConfig.Types.Version.V2 },
                TransportSocket = cluster.TransportSocket ?? new() { Name = "envoy.transport_sockets.raw_buffer", TypedConfig = Protos.Pack(new RawBuffer()) },
            }),
        };
    }

    private ClusterLoadAssignment Of(ClusterLoadAssignment assignment)
    {
        foreach (var endpoint in assignment.Endpoints.SelectMany(locality => locality.LbEndpoints).Select(member => member.Endpoint).Where(endpoint => endpoint?.Address is not null))
        {
            endpoint.Address = Of(endpoint.Address);
            // A host is there or it is not, by whichever of its addresses.
            endpoint.AdditionalAddresses.Clear();
        }

        return assignment;
    }

    private Address Of(Address address)
        => address.SocketAddress is { } socket ? Pipe(socket.PortValue == Ports.Admin && socket.Address == "127.0.0.1" ? at.Admin : exit(socket.Address, (int)socket.PortValue)) : address;

    private Listener Of(Listener listener)
    {
        if (listener.BindToPort is false || listener.Address?.SocketAddress is not { } socket)
        {
            return listener;
        }

        listener.Address = Pipe(at.Listener(socket.PortValue));
        listener.AdditionalAddresses.Clear();
        listener.ListenerFilters.Insert(0, OutboundListeners.ListenerFilter("envoy.filters.listener.proxy_protocol", new ProxyProtocol()));
        return listener;
    }

    private static Address Pipe(string path) => new() { Pipe = new() { Path = path } };
}
