using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using OsmExt.Simulation.Matching;

namespace OsmExt.Simulation.Http;

/// <summary>What a request looks like after the router has changed it.</summary>
internal static class RouteForwarding
{
    /// <summary>Path and host as the route rewrites them.</summary>
    public static HttpRequest Rewrite(HttpRequest request, PerFilterConfig place)
    {
        var action = place.Route!.Route_;
        if (action.PrefixRewrite.Length > 0)
        {
            request = request with { Path = ReplacePrefix(place.Route, request.Path, action.PrefixRewrite) };
        }

        if (place.Entry?.HostRewriteLiteral is { Length: > 0 } rewritten || (rewritten = action.HostRewriteLiteral).Length > 0)
        {
            request = request with { Authority = ByteText.Of(rewritten) };
        }

        return request;
    }

    public static HttpRequest Apply(HttpRequest request, PerFilterConfig place)
    {
        request = Rewrite(request, place);
        var (configuration, host, route, entry) = (place.Configuration!, place.Host!, place.Route!, place.Entry);
        var removed = configuration.RequestHeadersToRemove.Concat(host.RequestHeadersToRemove).Concat(route.RequestHeadersToRemove)
            .Concat(entry?.RequestHeadersToRemove ?? []).Select(name => ByteText.Lower(name)).ToHashSet(StringComparer.Ordinal);
        if (removed.Count > 0)
        {
            request = request with { Headers = [.. request.Headers.Where(header => !removed.Contains(header.Name))] };
        }

        // Their values may hold commands; whoever asks for one of them later is told that it is not known.
        IEnumerable<HeaderValueOption> added = [.. configuration.RequestHeadersToAdd, .. host.RequestHeadersToAdd, .. route.RequestHeadersToAdd,
            .. entry?.RequestHeadersToAdd ?? []];
        var names = added.Select(option => ByteText.Lower(option.Header.Key)).ToArray();
        return names.Any(name => name is "host" || name.StartsWith(':'))
            ? throw new UndecidedException($"virtual host {host.Name}", "replacing the request's own host or path by headers is not followed")
            : request with { Unknown = request.Unknown.Union(names) };
    }

    /// <summary>The path with what the route matched replaced.</summary>
    public static string ReplacePrefix(Route route, string path, string by)
    {
        var match = route.Match;
        var taken = match.PathSpecifierCase switch
        {
            RouteMatch.PathSpecifierOneofCase.Prefix => ByteText.Of(match.Prefix).Length,
            RouteMatch.PathSpecifierOneofCase.Path => ByteText.Of(match.Path).Length,
            RouteMatch.PathSpecifierOneofCase.PathSeparatedPrefix => ByteText.Of(match.PathSeparatedPrefix).Length,
            // For a pattern the whole path is replaced.
            _ => PathMatch.Bare(path).Length,
        };
        return ByteText.Of(by) + path[taken..];
    }
}
