using Envoy.Config.Route.V3;
using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// Where requests go that reach a pod: to its application, if a rule lets them in. One configuration for each target port; in it
/// a virtual host for each service there, and for each root whose split leads here, since callers keep the root's host name.
/// </summary>
internal static class InboundRoutes
{
    public static IEnumerable<RouteConfiguration> Of(ScopeView view, List<DomainConflict> conflicts)
        => InboundListener.Accepting(view).Where(service => service.Protocol.IsHttp())
            .Select(service => service.TargetPort).Distinct().Order()
            .Select(port => Port(view, port, conflicts));

    private static RouteConfiguration Port(ScopeView view, int targetPort, List<DomainConflict> conflicts)
    {
        var hosts = new VirtualHosts();
        var isOpen = InboundAuthorization.IsCarriedOut(view, targetPort);
        var here = view.Own.Where(service => service.Protocol.IsHttp() && service.TargetPort == targetPort).ToArray();
        foreach (var group in here.GroupBy(service => service.Name).OrderBy(group => group.Key))
        {
            Add(group.Key, group.First(), group.Select(service => service.Port));
        }

        var roots = here.SelectMany(service => service.SplitRoots.Select(root => (service, root))).ToArray();
        foreach (var group in roots.GroupBy(pair => pair.root.Service, pair => pair).OrderBy(group => group.Key))
        {
            // A root that is also served here already has its host; only its port may be new, when the backend's differs.
            if (!here.Any(service => service.Name == group.Key))
            {
                Add(group.Key, group.First().service, group.Select(pair => pair.root.Port));
            }
        }

        conflicts.AddRange(hosts.Conflicts);
        foreach (var host in hosts.All)
        {
            Generation.Mark(host, view.Contributions);
        }

        return hosts.Build(Names.InboundRoutes(targetPort));

        void Add(ServiceName name, MeshService backend, IEnumerable<int> ports)
        {
            var host = new VirtualHost
            {
                Name = Names.InboundVirtualHost(name),
                Metadata = Provenance.Of(RateLimiting.OriginsOf(backend)),
            };
            host.Routes.AddRange(isOpen ? Routes(view, backend) : []);
            if (isOpen && (view.Settings.Permissive || host.Routes.Count > 0))
            {
                host.TypedPerFilterConfig[Names.HttpRbac] = Protos.Pack(
                    view.Settings.Permissive ? Rbac.AnyIdentity() : Rbac.PerVirtualHost(view.Accepts.HttpRules, view.Settings.TrustDomains));
            }

            RateLimiting.Apply(host, backend);
            HostConfig.Apply(host, view, Direction.Inbound, backend);
            hosts.Add(host, name, ports.Distinct().Order().SelectMany(port => HostNames.Of(name, port, local: true)).Distinct(StringComparer.Ordinal));
        }
    }

    // A request that no rule means finds no route, and the connection manager's own rules then refuse it.
    private static IEnumerable<Route> Routes(ScopeView view, MeshService service)
    {
        var local = new[] { (service.LocalCluster, 100u) };
        return view.Settings.Permissive
            ? [OutboundRoutes.To(RouteMatches.Any(), local)]
            : view.Accepts.HttpRules.GroupBy(rule => rule.Match).SelectMany(rules => RouteMatches.Of(rules.Key).Select(match =>
            {
                var route = OutboundRoutes.To(match, local);
                route.Metadata = Provenance.Of(rules.SelectMany(rule => rule.Origins));
                return route;
            }));
    }
}
