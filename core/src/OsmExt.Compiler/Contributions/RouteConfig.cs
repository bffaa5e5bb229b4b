using Envoy.Config.Route.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Compiler.Translation;

namespace OsmExt.Compiler.Contributions;

/// <summary>
/// What plugins' filters do for single requests. Envoy takes the first route that matches and nothing of the others, so a route of which
/// only some requests are meant is preceded by one for these: it goes where the other goes, and is treated in every other way like it.
/// </summary>
internal static class RouteConfig
{
    /// <param name="host">The virtual host, with all its routes.</param>
    /// <param name="slots">By slot, what is contributed, the first to count first.</param>
    public static void Apply(VirtualHost host, IReadOnlyList<IReadOnlyList<PlacedContribution>> slots)
    {
        if (slots.Count == 0)
        {
            return;
        }

        Route[] routes = [.. host.Routes];
        host.Routes.Clear();
        host.Routes.AddRange(routes.SelectMany(route => Split(route, slots, 0)));
    }

    // A request that contributions to several slots are for needs a route with the configuration of all of them.
    private static List<Route> Split(Route route, IReadOnlyList<IReadOnlyList<PlacedContribution>> slots, int next)
    {
        if (next == slots.Count)
        {
            return [route];
        }

        var (routes, seen) = (new List<Route>(), new HashSet<RouteMatch>());
        foreach (var (item, match) in slots[next].SelectMany(item => item.Requests.SelectMany(RouteMatches.Of).Select(match => (item, match))))
        {
            if (RouteMatches.Both(route.Match, match) is not { } both || !seen.Add(both))
            {
                continue;
            }

            routes.AddRange(Split(Configured(route, both, item), slots, next + 1));
            if (both.Equals(route.Match))
            {
                return routes;
            }
        }

        routes.AddRange(Split(route, slots, next + 1));
        return routes;
    }

    private static Route Configured(Route route, RouteMatch match, PlacedContribution item)
    {
        var configured = route.Clone();
        configured.Match = match;
        configured.TypedPerFilterConfig[PlacedContribution.NameOf(item.Plugin, item.Slot.Configures)] = (Any)item.Message;
        configured.Metadata = Provenance.Beside(configured.Metadata, item.Objects);
        return configured;
    }
}
