using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Listener.TlsInspector.V3;
using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// The way into a pod: one chain for each port of each service, for mutual TLS between mesh proxies only. Anything else finds
/// no chain and is closed.
/// </summary>
internal static class InboundListener
{
    /// <summary>Null when the pod serves nothing: Envoy takes no listener without chains.</summary>
    public static Listener? Of(ScopeView view, List<Diagnostic> findings)
    {
        var listener = OutboundListeners.AnyAddress(view.Scope, Names.InboundListener, Ports.Inbound);
        listener.TrafficDirection = TrafficDirection.Inbound;
        listener.ListenerFilters.Add(OutboundListeners.OriginalDestination());
        listener.ListenerFilters.Add(OutboundListeners.ListenerFilter("tls_inspector", new TlsInspector()));
        listener.FilterChains.AddRange(Accepting(view).Select(service => Marked(view, service)));
        listener.FilterChains.AddRange(InboundChains.Of(view, findings));
        return listener.FilterChains.Count == 0 ? null : listener;
    }

    /// <summary>The services the pod accepts traffic for. Two ports of a service with one target port are one place to accept at.</summary>
    public static IEnumerable<MeshService> Accepting(ScopeView view) => view.Own.DistinctBy(service => (service.Name, service.TargetPort));

    private static FilterChain Marked(ScopeView view, MeshService service)
    {
        var chain = Chain(view, service);
        Generation.Mark(chain, view.Contributions);
        return chain;
    }

    private static FilterChain Chain(ScopeView view, MeshService service)
    {
        var chain = new FilterChain
        {
            Name = Names.InboundChain(service),
            FilterChainMatch = new()
            {
                DestinationPort = (uint)service.TargetPort,
                ServerNames = { service.Name.Fqdn },
                TransportProtocol = "tls",
                ApplicationProtocols = { Names.InMeshAlpn },
            },
        };
        var contributed = view.Contributions.At(ContributionPoint.NetworkFilter, Direction.Inbound, service);
        List<(FilterStage, Filter)> filters = [.. RateLimiting.Connections(service).Select(filter => (FilterStage.RateLimit, filter))];
        var settings = RateLimiting.OriginsOf(service).Concat(FilterOrder.ObjectsOf([contributed]));
        if (service.Protocol.IsHttp())
        {
            chain.TransportSocket = TlsContexts.Downstream(view, Names.InboundTrust(view.Scope.Identity));
            filters.Add((FilterStage.Terminal, HttpConnections.Inbound(view, service)));
            chain.Filters.AddRange(FilterOrder.Network(filters, contributed));
            chain.Metadata = Provenance.Of(settings.Concat(HttpConnections.ContributedTo(view, Direction.Inbound, service)));
            return chain;
        }

        chain.TransportSocket = TlsContexts.Downstream(view, Names.InboundTrust(service));
        if (!view.Settings.Permissive)
        {
            var rules = Rbac.Opening(service.TargetPort, view.Accepts);
            var rbac = Rbac.ForPort(service.TargetPort, rules, view.Settings.TrustDomains);
            settings = [.. settings, .. rules.SelectMany(rule => rule.Origins)];
            filters.Add((FilterStage.Authorization, new Filter { Name = Names.NetworkRbac, TypedConfig = Protos.Pack(rbac) }));
        }

        filters.Add((FilterStage.Terminal, OutboundListeners.TcpProxy($"inbound-mesh-tcp-proxy.{service.LocalCluster}", service.LocalCluster)));
        chain.Filters.AddRange(FilterOrder.Network(filters, contributed));
        chain.Metadata = Provenance.Of(settings);
        return chain;
    }
}
