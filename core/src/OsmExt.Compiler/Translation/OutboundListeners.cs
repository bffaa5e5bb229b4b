using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Listener.HttpInspector.V3;
using Envoy.Extensions.Filters.Listener.OriginalDst.V3;
using Envoy.Extensions.Filters.Listener.TlsInspector.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Google.Protobuf;
using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// The way out of a pod. One bound listener takes every redirected connection and hands it to an unbound one: of the very
/// address dialled for a TCP service, else of the port dialled, where all HTTP services are told apart by host name. So a
/// service more or less changes no listener that others use, and no connection of theirs is drained.
/// </summary>
internal static class OutboundListeners
{
    /// <summary>The listener that takes every connection, and those of the ports that HTTP services or plugins have.</summary>
    public static IEnumerable<(Listener? Listener, EquatableArray<Diagnostic> Findings)> Of(ScopeView frame, EquatableArray<int> httpPorts)
        => [(Entry(frame), []), .. httpPorts.Concat(OutboundChains.Ports(frame.Contributions)).Distinct().Order().Select(port => Port(frame, port, httpPorts.Contains(port)))];

    public static ListenerFilter OriginalDestination() => ListenerFilter("original_dst", new OriginalDst());

    public static ListenerFilter ListenerFilter(string name, IMessage config) => new() { Name = name, TypedConfig = Protos.Pack(config) };

    public static Filter TcpProxy(string statPrefix, string cluster)
        => new() { Name = Names.TcpProxy, TypedConfig = Protos.Pack(new TcpProxy { StatPrefix = statPrefix, Cluster = cluster }) };

    /// <summary>A listener for every address of the pod. Envoy takes <c>[::]</c> only where there is IPv6.</summary>
    public static Listener AnyAddress(ProxyScope scope, string name, int port)
    {
        var listener = new Listener { Name = name, Address = Protos.Address("0.0.0.0", port) };
        if (scope.IPv6)
        {
            listener.AdditionalAddresses.Add(new AdditionalAddress { Address = Protos.Address("::", port) });
        }

        return listener;
    }

    private static Listener Entry(ScopeView view)
    {
        var listener = AnyAddress(view.Scope, Names.OutboundListener, Ports.Outbound);
        listener.TrafficDirection = TrafficDirection.Outbound;
        listener.UseOriginalDst = true;
        listener.ListenerFilters.Add(OriginalDestination());
        listener.FilterChains.Add(view.Settings.EnableEgress ? Passthrough() : Refuse());
        return listener;
    }

    private static (Listener? Listener, EquatableArray<Diagnostic> Findings) Port(ScopeView view, int port, bool hasHttp)
    {
        var listener = Unbound(AnyAddress(view.Scope, Names.OutboundPort(port), port));
        var contributed = OutboundChains.Of(view, port);
        // Something else than HTTP may be meant for the outside on the same port.
        Inspect(listener, contributed.NeedTls, contributed.NeedHttp || (hasHttp && view.Settings.EnableEgress));
        listener.DefaultFilterChain = view.Settings.EnableEgress ? Passthrough() : null;
        var own = hasHttp ? Http(view, port) : Refuse();
        if (hasHttp)
        {
            listener.FilterChains.Add(own);
        }

        if ((hasHttp ? contributed.Left : contributed.Guarded) is { Count: > 0 } ranges)
        {
            var beside = own.Clone();
            beside.Name = $"{own.Name}_mesh";
            beside.FilterChainMatch ??= new();
            beside.FilterChainMatch.PrefixRanges.AddRange(ranges.Select(range => range.ToEnvoy()));
            listener.FilterChains.Add(beside);
        }

        foreach (var chain in contributed.Chains)
        {
            Generation.Mark(chain, view.Contributions);
            listener.FilterChains.Add(chain);
        }

        // Without this listener the one that takes every connection keeps them.
        return (listener.FilterChains.Count == 0 ? null : listener, contributed.Findings);
    }

    private static void Inspect(Listener listener, bool tls, bool http)
    {
        if (tls)
        {
            listener.ListenerFilters.Add(ListenerFilter("tls_inspector", new TlsInspector()));
        }

        if (http)
        {
            listener.ListenerFilters.Add(ListenerFilter("http_inspector", new HttpInspector()));
        }

        // A server that speaks first is not waited for longer than that.
        listener.ContinueOnListenerFiltersTimeout = tls || http;
    }

    private static FilterChain Http(ScopeView view, int port)
    {
        var contributed = view.Contributions.At(ContributionPoint.NetworkFilter, Direction.Outbound);
        var http = new FilterChain { Name = $"outbound_http_{port}" };
        http.Filters.AddRange(FilterOrder.Network([(FilterStage.Terminal, HttpConnections.Outbound(view, port))], contributed));
        http.Metadata = Provenance.Of(FilterOrder.ObjectsOf([contributed]).Concat(HttpConnections.ContributedTo(view, Direction.Outbound)));
        http.FilterChainMatch = view.Settings.EnableEgress ? new() { ApplicationProtocols = { "http/1.0", "http/1.1", "h2c" } } : null;
        Generation.Mark(http, view.Contributions);
        return http;
    }

    /// <summary>The listeners of a TCP service, one for each of its addresses that the pod can dial.</summary>
    public static IEnumerable<Listener> Tcp(ScopeView frame, MeshService service) => service.Addresses.Where(frame.Scope.Reaches).Select(address =>
    {
        var contributed = frame.Contributions.At(ContributionPoint.NetworkFilter, Direction.Outbound, service);
        var listener = Unbound(new() { Name = Names.OutboundAddress(address, service.Port), Address = Protos.Address(address, service.Port) });
        var chain = new FilterChain
        {
            Name = Names.OutboundChain(service),
            Metadata = Provenance.Of([.. service.SplitOrigins, .. IdleLimit(service), .. FilterOrder.ObjectsOf([contributed])]),
        };
        chain.Filters.AddRange(FilterOrder.Network([(FilterStage.Terminal, TcpProxy(service))], contributed));
        Generation.Mark(chain, frame.Contributions);
        listener.FilterChains.Add(chain);
        return listener;
    });

    private static ResourceKey[] IdleLimit(MeshService service)
        => service is { UpstreamOrigin: { } setting, Upstream.Connections.IdleTimeout: not null } ? [setting] : [];

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

    private static Listener Unbound(Listener listener)
    {
        listener.TrafficDirection = TrafficDirection.Outbound;
        listener.BindToPort = false;
        return listener;
    }
}
