using Envoy.Config.Route.V3;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Translation;

/// <summary>Where requests go that leave a pod: by host name to a service, by weight to its backends.</summary>
internal static class OutboundRoutes
{
    public static IEnumerable<RouteConfiguration> Of(ScopeView view, List<DomainConflict> conflicts)
        => OutboundListeners.HttpPorts(view).Select(port => Port(view, port, conflicts));

    private static RouteConfiguration Port(ScopeView view, int port, List<DomainConflict> conflicts)
    {
        var hosts = new VirtualHosts();
        // Where a name could mean two services, the client's own namespace comes first, as it does in DNS.
        foreach (var service in view.Reachable.Where(service => service.Protocol.IsHttp() && service.Port == port).OrderBy(service => !IsLocal(service)).ThenBy(service => service.Name))
        {
            var host = new VirtualHost { Name = Names.OutboundVirtualHost(service.Name) };
            host.Routes.AddRange(Routes(service).Select(route => Treated(route.Route, route.Origins, service, view.RetryRuleOf(service.Name))));
            hosts.Add(host, service.Name, HostNames.Of(service.Name, port, IsLocal(service)));
        }

        if (view.Settings.EnableEgress)
        {
            // A host the mesh does not know is outside it, and goes to the address it was sent to.
            var outside = new VirtualHost { Name = Names.PassthroughCluster };
            outside.Routes.Add(new Route { Match = RouteMatches.Any(), Route_ = new() { Cluster = Names.PassthroughCluster, Timeout = Protos.Seconds(0) } });
            hosts.Add(outside, null, ["*"]);
        }

        conflicts.AddRange(hosts.Conflicts);
        return hosts.Build(Names.OutboundRoutes(port));

        bool IsLocal(MeshService service) => string.Equals(service.Name.Namespace, view.Scope.Identity.Namespace, StringComparison.Ordinal);
    }

    private static IEnumerable<(Route Route, EquatableArray<ResourceKey> Origins)> Routes(MeshService service)
    {
        var self = new[] { (service.Cluster, 100u) };
        if (service.Split.IsEmpty)
        {
            return [(To(RouteMatches.Any(), self), [])];
        }

        var split = service.Split.Select(backend => (backend.Cluster, (uint)backend.Weight)).ToArray();
        return service.SplitMatches.IsEmpty
            ? [(To(RouteMatches.Any(), split), service.SplitOrigins)]
            :
            [
                .. service.SplitMatches.SelectMany(RouteMatches.Of).Select(match => (To(match, split), service.SplitOrigins)),
                (To(RouteMatches.Any(), self), []),
            ];
    }

    private static Route Treated(Route route, EquatableArray<ResourceKey> origins, MeshService service, RetryRule? retries)
    {
        if (service.Upstream.Connections.RequestTimeout is { } limit)
        {
            route.Route_.Timeout = Protos.Time(limit);
            origins = [.. origins, .. service.UpstreamOrigin is { } setting ? [setting] : Array.Empty<ResourceKey>()];
        }

        route.Route_.RetryPolicy = retries is null ? null : Resilience.Retry(retries.Settings);
        route.Metadata = Provenance.Of([.. origins, .. retries is null ? [] : new[] { retries.Origin }]);
        return route;
    }

    /// <summary>A route to clusters by weight, with no time limit: applications set their own.</summary>
    public static Route To(RouteMatch match, IEnumerable<(string Cluster, uint Weight)> clusters)
    {
        var weighted = new WeightedCluster();
        weighted.Clusters.AddRange(clusters
            .OrderBy(entry => entry.Cluster, StringComparer.Ordinal)
            .Select(entry => new WeightedCluster.Types.ClusterWeight { Name = entry.Cluster, Weight = entry.Weight }));
        return new() { Match = match, Route_ = new() { WeightedClusters = weighted, Timeout = Protos.Seconds(0) } };
    }
}
