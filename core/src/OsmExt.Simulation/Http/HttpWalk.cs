using System.Globalization;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using OsmExt.Simulation.Listeners;
using static Envoy.Config.Route.V3.VirtualHost.Types;

namespace OsmExt.Simulation.Http;

/// <summary>A request's way through one connection manager: refused, answered, or sent to clusters.</summary>
internal sealed class HttpWalk(ProxyConfiguration proxy, HttpConnectionManager connection, ConnectionFacts facts, PeerCertificate? peer, bool tls)
{
    public IEnumerable<ProxyOutcome> Walk(HttpRequest request, Trail trail)
    {
        Understood.Check(connection, "HTTP connection manager");
        request = request with { Release = proxy.Release };
        var anyMethod = connection.HttpProtocolOptions?.AllowCustomMethods == true || facts.Connection.Payload == Payload.Http2;
        if (RequestSanity.Check(ref request, anyMethod) is { } broken)
        {
            return [trail.Ends(broken)];
        }

        if ((RequestSanity.CheckPath(request) ?? PathNormalization.Apply(connection, ref request)) is { } refused)
        {
            return [trail.Ends(refused.To(request))];
        }

        request = request with { Authority = HostNormalization.Apply(connection, request.Authority, facts.Local.Port) };
        return Upgrade(request) is { } forbidden ? [trail.Ends(forbidden.To(request))] : Routed(request, trail);
    }

    private Reply? Upgrade(HttpRequest request)
    {
        var asked = request.Values("connection").Any(value => value.Split(',').Any(token => token.Trim().Equals("upgrade",
            StringComparison.OrdinalIgnoreCase)));
        if (!asked || request.Values("upgrade").FirstOrDefault() is not { } type || type.Equals("h2c", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var config = connection.UpgradeConfigs.FirstOrDefault(known => known.UpgradeType.Equals(type, StringComparison.OrdinalIgnoreCase));
        return config is { Filters.Count: > 0 } ? throw new UndecidedException($"upgrade {type}", "filters of its own are not followed")
            : config is null || config.Enabled is false ? Reply.Of(403, $"the connection manager takes no upgrade to {type}")
            : null;
    }

    private List<ProxyOutcome> Routed(HttpRequest request, Trail trail)
    {
        var configuration = Routes(trail, out trail);
        if (configuration is null)
        {
            // Filters run all the same, and the router then finds no route.
            return [.. Finish(request, trail, null, null, default)];
        }

        var host = VirtualHostChoice.Find(configuration, request.Authority);
        if (host is null)
        {
            return [.. Finish(request, trail.Took("virtual host", "none", $"no domain is {ByteText.Show(request.Authority)}"), configuration, null,
                default)];
        }

        Understood.Check(host, $"virtual host {host.Name}");
        var by = Contributed.By(host.Metadata);
        trail = trail.Took("virtual host", host.Name, by.Plugin.Length == 0 ? ByteText.Show(request.Authority) : $"{ByteText.Show(request.Authority)}, {by.Words}", by.Objects);
        if (host.RequireTls != TlsRequirementType.None && !tls)
        {
            return host.RequireTls == TlsRequirementType.All
                ? [trail.Ends(Reply.Of(301, $"virtual host {host.Name} requires TLS").To(request))]
                : throw new UndecidedException($"virtual host {host.Name}", "whether a request is internal is not followed");
        }

        return [.. RouteChoice.Choose(host, request, tls).SelectMany(routed => Finish(request, trail, configuration, host, routed))];
    }

    private RouteConfiguration? Routes(Trail before, out Trail trail)
    {
        switch (connection.RouteSpecifierCase)
        {
            case HttpConnectionManager.RouteSpecifierOneofCase.RouteConfig:
                trail = before.Took("route configuration", connection.RouteConfig.Name, "inline");
                return Understood.Check(connection.RouteConfig, $"route configuration {connection.RouteConfig.Name}");
            case HttpConnectionManager.RouteSpecifierOneofCase.Rds:
                var name = connection.Rds.RouteConfigName;
                var found = proxy.Routes(name);
                trail = before.Took("route configuration", name, found is null
                    ? "has not been delivered" : "", proxy.OriginsOf<RouteConfiguration>(name));
                return found is null ? null : Understood.Check(found, $"route configuration {name}");
            default:
                throw new UndecidedException("HTTP connection manager", $"{connection.RouteSpecifierCase} is not known");
        }
    }

    private IEnumerable<ProxyOutcome> Finish(HttpRequest request, Trail trail, RouteConfiguration? configuration, VirtualHost? host,
        RoutedShare routed)
    {
        var share = routed.Share == 0 ? 1 : routed.Share;
        if (configuration is null || host is null || routed.Route is not { } route)
        {
            var reason = host is null ? $"no virtual host has the domain {ByteText.Show(request.Authority)}"
                : $"no route of virtual host {host.Name} matches";
            // What virtual host and route configuration say about filters is read by way of the route, so without one it does not count.
            yield return Filtered(request, host is null ? trail
                : trail.Took("route", "none", "none matches"), new(null, null, null, null), Reply.Of(404, reason), share);
            yield break;
        }

        var by = Contributed.By(route.Metadata);
        trail = trail.Took("route", RouteChoice.NameOf(host, routed.Index),
            string.Join(", ", new[] { share < 1 ? $"takes {Percent(share)} of such requests" : "", by.Words }.Where(words => words.Length > 0)), by.Objects);
        var special = new PerFilterConfig(configuration, host, route, null);
        switch (route.ActionCase)
        {
            case Route.ActionOneofCase.DirectResponse:
                yield return Filtered(request, trail, special, Reply.Of((int)route.DirectResponse.Status,
                    $"route {RouteChoice.NameOf(host, routed.Index)} answers it"), share);
                break;
            case Route.ActionOneofCase.Redirect:
                yield return Filtered(request, trail, special, Reply.Of(Status(route.Redirect),
                    $"route {RouteChoice.NameOf(host, routed.Index)} redirects it"), share);
                break;
            case Route.ActionOneofCase.Route_:
                foreach (var choice in ClusterChoice.Choose(route.Route_, request, RouteChoice.NameOf(host, routed.Index)))
                {
                    yield return Forwarded(request, trail, configuration, host, route, choice, share);
                }

                break;
            default:
                throw new UndecidedException($"route {RouteChoice.NameOf(host, routed.Index)}", $"{route.ActionCase} is not known");
        }
    }

    private ProxyOutcome Forwarded(HttpRequest request, Trail trail, RouteConfiguration configuration, VirtualHost host, Route route,
        ClusterShare choice, double share)
    {
        share *= choice.Share;
        trail = trail.Took("cluster", choice.Cluster, choice.Share < 1
            ? $"takes {Percent(choice.Share)} of the route's requests" : "", proxy.OriginsOf<Cluster>(choice.Cluster));
        var outcome = Filtered(request, trail, new(configuration, host, route, choice.Entry), null, share);
        if (outcome.Reply is not null)
        {
            return outcome;
        }

        if (proxy.Cluster(choice.Cluster) is not { } cluster)
        {
            var status = route.Route_.ClusterNotFoundResponseCode == RouteAction.Types.ClusterNotFoundResponseCode.NotFound ? 404
                : route.Route_.ClusterNotFoundResponseCode == RouteAction.Types.ClusterNotFoundResponseCode.InternalServerError ? 500 : 503;
            return outcome with { Reply = Reply.Of(status, $"cluster {choice.Cluster} does not exist").To(request) };
        }

        return outcome with { Forward = new(cluster, RouteForwarding.Apply(request, configuration, host, route, choice.Entry), true) };
    }

    private ProxyOutcome Filtered(HttpRequest request, Trail trail, PerFilterConfig special, Reply? otherwise, double share)
    {
        var reply = HttpFilters.Run(connection, special, proxy, new(facts, peer, tls, request, proxy.Release), (element, name,
            detail) => trail = trail.Took(element, name, detail));
        return new(share, trail, (reply ?? otherwise)?.To(request), null);
    }

    private static int Status(RedirectAction redirect) => redirect.ResponseCode switch
    {
        RedirectAction.Types.RedirectResponseCode.Found => 302,
        RedirectAction.Types.RedirectResponseCode.SeeOther => 303,
        RedirectAction.Types.RedirectResponseCode.TemporaryRedirect => 307,
        RedirectAction.Types.RedirectResponseCode.PermanentRedirect => 308,
        _ => 301,
    };

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.##}%");
}
