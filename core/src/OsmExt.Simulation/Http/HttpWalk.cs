using System.Globalization;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using OsmExt.Simulation.Listeners;
using OsmExt.Simulation.Rbac;
using static Envoy.Config.Route.V3.VirtualHost.Types;

namespace OsmExt.Simulation.Http;

/// <summary>A request's way through one connection manager: refused, answered, or sent to clusters.</summary>
internal sealed class HttpWalk(ProxyConfiguration proxy, HttpConnectionManager connection, ConnectionFacts facts, PeerCertificate? peer, bool tls)
{
    public IEnumerable<ProxyOutcome> Walk(HttpRequest request, Trail trail)
        => Admit(ref request) is { } refused ? [trail.Ends(refused)] : Ways(request, trail).Select(way => Finish(request, way));

    /// <summary>What access rules may ask about, for a request that is admitted.</summary>
    public AccessContext Context(HttpRequest request) => new(facts, peer, tls, request, proxy.Release);

    /// <summary>The first stage: a request that is refused as it stands, or else as it looks after it has been normalized.</summary>
    public Reply? Admit(ref HttpRequest request)
    {
        Understood.Check(connection, "HTTP connection manager");
        request = request with { Release = proxy.Release };
        var anyMethod = connection.HttpProtocolOptions?.AllowCustomMethods == true || facts.Connection.Payload == Payload.Http2;
        if (RequestSanity.Check(ref request, anyMethod) is { } broken)
        {
            return broken;
        }

        if ((RequestSanity.CheckPath(request) ?? PathNormalization.Apply(connection, ref request)) is { } refused)
        {
            return refused.To(request);
        }

        request = request with { Authority = HostNormalization.Apply(connection, request.Authority, facts.Local.Port) };
        return Upgrade(request)?.To(request);
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

    /// <summary>
    /// The second stage: every way an admitted request may take before filters see it, with its share. Filters come next, and what they
    /// let pass gets the way's reply or is sent to its cluster.
    /// </summary>
    /// <param name="request">The request, as admitted.</param>
    /// <param name="trail">What came before; null when nobody asks for the elements.</param>
    public IReadOnlyList<HttpWay> Ways(HttpRequest request, Trail? trail)
    {
        var configuration = Routes(ref trail);
        if (configuration is null)
        {
            // Filters run all the same, and the router then finds no route.
            return [Lost(request, trail, null, 1)];
        }

        var host = VirtualHostChoice.Find(configuration, request.Authority);
        if (host is null)
        {
            return [Lost(request, trail?.Took("virtual host", "none", $"no domain is {ByteText.Show(request.Authority)}"), null, 1)];
        }

        Understood.Check(host, $"virtual host {host.Name}");
        if (trail is not null)
        {
            var by = Contributed.By(host.Metadata);
            trail = trail.Took("virtual host", host.Name,
                by.Plugin.Length == 0 ? ByteText.Show(request.Authority) : $"{ByteText.Show(request.Authority)}, {by.Words}", by.Objects);
        }

        if (host.RequireTls != TlsRequirementType.None && !tls)
        {
            return host.RequireTls == TlsRequirementType.All
                ? [new(1, trail, new(null, null, null, null), Reply.Of(301, $"virtual host {host.Name} requires TLS"), "") { BeforeFilters = true, Host = host }]
                : throw new UndecidedException($"virtual host {host.Name}", "whether a request is internal is not followed");
        }

        var ways = new List<HttpWay>(1);
        foreach (var routed in RouteChoice.Choose(host, request, tls))
        {
            Add(ways, request, trail, configuration, host, routed);
        }

        return ways;
    }

    private RouteConfiguration? Routes(ref Trail? trail)
    {
        switch (connection.RouteSpecifierCase)
        {
            case HttpConnectionManager.RouteSpecifierOneofCase.RouteConfig:
                trail = trail?.Took("route configuration", connection.RouteConfig.Name, "inline");
                return Understood.Check(connection.RouteConfig, $"route configuration {connection.RouteConfig.Name}");
            case HttpConnectionManager.RouteSpecifierOneofCase.Rds:
                var name = connection.Rds.RouteConfigName;
                var found = proxy.Routes(name);
                trail = trail?.Took("route configuration", name, found is null
                    ? "has not been delivered" : "", proxy.OriginsOf<RouteConfiguration>(name));
                return found is null ? null : Understood.Check(found, $"route configuration {name}");
            default:
                throw new UndecidedException("HTTP connection manager", $"{connection.RouteSpecifierCase} is not known");
        }
    }

    // What virtual host and route configuration say about filters is read by way of the route, so without one it does not count.
    private static HttpWay Lost(HttpRequest request, Trail? trail, VirtualHost? host, double share)
        => new(share, host is null ? trail : trail?.Took("route", "none", "none matches"), new(null, null, null, null), Reply.Of(404, host is null
            ? $"no virtual host has the domain {ByteText.Show(request.Authority)}" : $"no route of virtual host {host.Name} matches"), "") { Host = host };

    private void Add(List<HttpWay> ways, HttpRequest request, Trail? trail, RouteConfiguration configuration, VirtualHost host, RoutedShare routed)
    {
        var share = routed.Share;
        if (routed.Route is not { } route)
        {
            ways.Add(Lost(request, trail, host, share));
            return;
        }

        if (trail is not null)
        {
            var by = Contributed.By(route.Metadata);
            trail = trail.Took("route", RouteChoice.NameOf(host, routed.Index),
                string.Join(", ", new[] { share < 1 ? $"takes {Percent(share)} of such requests" : "", by.Words }.Where(words => words.Length > 0)), by.Objects);
        }

        var place = new PerFilterConfig(configuration, host, route, null);
        switch (route.ActionCase)
        {
            case Route.ActionOneofCase.DirectResponse:
                ways.Add(new(share, trail, place, Reply.Of((int)route.DirectResponse.Status, $"route {RouteChoice.NameOf(host, routed.Index)} answers it"), "")
                { Host = host });
                break;
            case Route.ActionOneofCase.Redirect:
                ways.Add(new(share, trail, place, Reply.Of(Status(route.Redirect), $"route {RouteChoice.NameOf(host, routed.Index)} redirects it"), "")
                { Host = host });
                break;
            case Route.ActionOneofCase.Route_:
                foreach (var choice in ClusterChoice.Choose(route.Route_, request, RouteChoice.NameOf(host, routed.Index)))
                {
                    ways.Add(new(share * choice.Share, trail?.Took("cluster", choice.Cluster, choice.Share < 1
                        ? $"takes {Percent(choice.Share)} of the route's requests" : "", proxy.OriginsOf<Cluster>(choice.Cluster)),
                        choice.Entry is null ? place : place with { Entry = choice.Entry }, null, choice.Cluster) { Host = host });
                }

                break;
            default:
                throw new UndecidedException($"route {RouteChoice.NameOf(host, routed.Index)}", $"{route.ActionCase} is not known");
        }
    }

    private ProxyOutcome Finish(HttpRequest request, HttpWay way)
    {
        var trail = way.Trail!;
        if (way.BeforeFilters)
        {
            return trail.Ends(way.Reply!.To(request));
        }

        var reply = HttpFilters.Run(connection, way.Place, proxy, Context(request), (element, name, detail) => trail = trail.Took(element, name, detail))
            ?? way.Reply;
        if (reply is null && proxy.Cluster(way.Cluster) is { } cluster)
        {
            return new(way.Share, trail, null, new(cluster, RouteForwarding.Apply(request, way.Place), true));
        }

        reply ??= Reply.Of(StatusWithoutCluster(way.Place.Route!.Route_), $"cluster {way.Cluster} does not exist");
        return new(way.Share, trail, reply.To(request), null);
    }

    /// <summary>What a route answers whose cluster does not exist.</summary>
    public static int StatusWithoutCluster(RouteAction action) => action.ClusterNotFoundResponseCode switch
    {
        RouteAction.Types.ClusterNotFoundResponseCode.NotFound => 404,
        RouteAction.Types.ClusterNotFoundResponseCode.InternalServerError => 500,
        _ => 503,
    };

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
