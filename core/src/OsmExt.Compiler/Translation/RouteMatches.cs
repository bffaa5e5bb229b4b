using Envoy.Config.Route.V3;
using Envoy.Type.Matcher.V3;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>Conditions on requests, as Envoy's routes and permissions write them. Patterns always mean the whole value.</summary>
internal static class RouteMatches
{
    /// <summary>One match for each method; a match without methods means any.</summary>
    public static IEnumerable<RouteMatch> Of(HttpRouteMatch match)
        => match.Methods.IsEmpty ? [Build(match, null)] : match.Methods.Select(method => Build(match, method));

    public static RouteMatch Any() => new() { SafeRegex = Regex(HttpRouteMatch.Any.PathRegex) };

    public static RegexMatcher Regex(string pattern) => new() { Regex = pattern };

    public static HeaderMatcher Method(string method) => new() { Name = ":method", StringMatch = new() { Exact = method } };

    public static HeaderMatcher Header(string name, string pattern) => new() { Name = name, StringMatch = new() { SafeRegex = Regex(pattern) } };

    private static RouteMatch Build(HttpRouteMatch match, string? method)
    {
        var built = new RouteMatch { SafeRegex = Regex(match.PathRegex) };
        if (method is not null)
        {
            built.Headers.Add(Method(method));
        }

        built.Headers.AddRange(match.Headers.Select(header => Header(header.Key, header.Value)));
        return built;
    }
}
