using System.Buffers;
using Envoy.Config.Route.V3;
using Envoy.Type.Matcher.V3;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>Conditions on requests, as Envoy's routes and permissions write them. Patterns always mean the whole value.</summary>
internal static class RouteMatches
{
    private static readonly SearchValues<char> Signs = SearchValues.Create("\\.+*?()|[]{}^$");

    /// <summary>One match for each method; a match without methods means any.</summary>
    public static IEnumerable<RouteMatch> Of(HttpRouteMatch match)
        => match.Methods.IsEmpty ? [Build(match, null)] : match.Methods.Select(method => Build(match, method));

    /// <summary>
    /// Requests that both mean; null where it is plain that there are none. A route has one pattern for its path, so the other's becomes a
    /// condition on <c>:path</c>. A plugin's route may have none, and a prefix or text instead.
    /// </summary>
    public static RouteMatch? Both(RouteMatch one, RouteMatch other)
    {
        var (path, narrower) = (one.SafeRegex?.Regex, other.SafeRegex.Regex);
        var both = one.Clone();
        if (path is not null && IsAny(path))
        {
            both.SafeRegex = other.SafeRegex;
        }
        else if (!IsAny(narrower) && !string.Equals(path, narrower, StringComparison.Ordinal))
        {
            if (path is not null && IsLiteral(path) && IsLiteral(narrower))
            {
                return null;
            }

            both.Headers.Add(Header(":path", WithQuery(narrower)));
        }

        both.Headers.AddRange(other.Headers.Where(header => !one.Headers.Contains(header)));
        return both.Headers.Count(header => header is { Name: ":method", StringMatch.MatchPatternCase: StringMatcher.MatchPatternOneofCase.Exact }) > 1 ? null : both;
    }

    /// <summary>A pattern for a path without query as one for a path with whatever follows it, in any bytes.</summary>
    public static string WithQuery(string path) => $"(?:{path})(?:[?#]\\C*)?";

    private static bool IsAny(string pattern) => string.Equals(pattern, HttpRouteMatch.Any.PathRegex, StringComparison.Ordinal);

    private static bool IsLiteral(string pattern) => !pattern.AsSpan().ContainsAny(Signs);

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
