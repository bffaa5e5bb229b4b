using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Listener.HttpInspector.V3;
using Envoy.Extensions.Filters.Listener.OriginalDst.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Google.Protobuf;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// The way out of a pod. One bound listener takes every redirected connection and hands it to an unbound one: of the very
/// address dialled for a TCP service, else of the port dialled, where all HTTP services are told apart by host name. So a
/// service more or less changes no listener that others use, and no connection of theirs is drained.
/// </summary>
internal static class OutboundListeners
{
    /// <summary>The listener that takes every connection, and those of the ports that HTTP services have.</summary>
    public static IEnumerable<Listener> Of(ScopeView frame, IEnumerable<int> httpPorts)
        => [Entry(frame), .. httpPorts.Select(port => HttpPort(frame, port))];

    public static ListenerFilter OriginalDestination() => ListenerFilter("original_dst", new OriginalDst());

    public static ListenerFilter ListenerFilter(string name, IMessage config) => new() { Name = name, TypedConfig = Protos.Pack(config) };

    public static Filter TcpProxy(string statPrefix, string cluster)
        => new() { Name = Names.TcpProxy, TypedConfig = Protos.Pack(new TcpProxy { StatPrefix = statPrefix, Cluster = cluster }) };

    private static Listener Entry(ScopeView view) => new()
    {
        Name = Names.OutboundListener,
        Address = Protos.Address("0.0.0.0", Ports.Outbound),
        TrafficDirection = TrafficDirection.Outbound,
        UseOriginalDst = true,
        ListenerFilters = { OriginalDestination() },
        FilterChains = { view.Settings.EnableEgress ? Passthrough() : Refuse() },
    };

    private static Listener HttpPort(ScopeView view, int port)
    {
        var listener = Unbound(Names.OutboundPort(port), "0.0.0.0", port);
        var http = new FilterChain { Name = $"outbound_http_{port}", Filters = { HttpConnections.Outbound(view, port) } };
        if (view.Settings.EnableEgress)
        {
            // Something else than HTTP may be meant for the outside on the same port.
            listener.ListenerFilters.Add(ListenerFilter("http_inspector", new HttpInspector()));
            listener.ContinueOnListenerFiltersTimeout = true;
            http.FilterChainMatch = new() { ApplicationProtocols = { "http/1.0", "http/1.1", "h2c" } };
            listener.DefaultFilterChain = Passthrough();
        }

        listener.FilterChains.Add(http);
        return listener;
    }

    /// <summary>The listeners of a TCP service, one for each of its addresses.</summary>
    public static IEnumerable<Listener> Tcp(MeshService service) => service.Addresses.Select(address =>
    {
        var listener = Unbound(Names.OutboundAddress(address, service.Port), address, service.Port);
        listener.FilterChains.Add(new FilterChain { Name = Names.OutboundChain(service), Filters = { TcpProxy(service) } });
        return listener;
    });

    private static Filter TcpProxy(MeshService service)
    {
        var proxy = new TcpProxy
        {
            StatPrefix = $"outbound-mesh-tcp-proxy_{Names.OutboundChain(service)}",
            IdleTimeout = Protos.Time(service.Upstream.Connections.IdleTimeout),
        };
        if (service.Split.IsEmpty)
        {
            proxy.Cluster = service.Cluster;
            return new() { Name = Names.TcpProxy, TypedConfig = Protos.Pack(proxy) };
        }

        var weighted = new TcpProxy.Types.WeightedCluster();
        weighted.Clusters.AddRange(service.Split.Where(backend => backend.Weight > 0)
            .Select(backend => new TcpProxy.Types.WeightedCluster.Types.ClusterWeight { Name = backend.Cluster, Weight = (uint)backend.Weight }));
        proxy.WeightedClusters = weighted;
        return new() { Name = Names.TcpProxy, TypedConfig = Protos.Pack(proxy) };
    }

    private static FilterChain Passthrough() => new()
    {
        Name = Names.PassthroughChain,
        Filters = { TcpProxy($"egress-tcp-proxy.{Names.PassthroughCluster}", Names.PassthroughCluster) },
    };

    private static FilterChain Refuse() => new() { Name = "outbound-refused", Filters = { TcpProxy("outbound-refused", Names.BlackholeCluster) } };

    private static Listener Unbound(string name, string address, int port) => new()
    {
        Name = name,
        Address = Protos.Address(address, port),
        TrafficDirection = TrafficDirection.Outbound,
        BindToPort = false,
    };
}
