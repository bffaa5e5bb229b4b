using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using OsmExt.Sdk.Ir;
using Connection = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace OsmExt.Compiler.Translation;

/// <summary>Lets Prometheus read the proxy's statistics, and nothing else of its admin interface.</summary>
internal static class PrometheusListener
{
    private const string Path = "/stats/prometheus";

    public static Listener Build(ProxyScope scope)
    {
        var routes = new RouteConfiguration
        {
            VirtualHosts =
            {
                new VirtualHost
                {
                    Name = "prometheus-inbound-virtual-host",
                    Domains = { "*" },
                    // The exact path: a prefix would lead on to the rest of the admin interface.
                    Routes = { new Route { Match = new() { Path = Path }, Route_ = new() { Cluster = Names.MetricsCluster } } },
                },
            },
        };
        var connection = new Connection
        {
            CodecType = Connection.Types.CodecType.Auto,
            StatPrefix = "prometheus-http-conn-manager",
            RouteConfig = routes,
            HttpFilters = { HttpConnections.Router() },
        };
        var listener = OutboundListeners.AnyAddress(scope, Names.PrometheusListener, Ports.Prometheus);
        listener.TrafficDirection = TrafficDirection.Inbound;
        listener.FilterChains.Add(new FilterChain { Name = Names.PrometheusListener, Filters = { HttpConnections.Filter(connection) } });
        return listener;
    }
}
