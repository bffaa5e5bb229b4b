using Envoy.Config.Route.V3;

namespace OsmExt.Simulation.Matching;

/// <summary>The path conditions of a route. They see the path without query and fragment.</summary>
internal static class PathMatch
{
    public static bool Matches(RouteMatch match, string path, EnvoyRelease release)
    {
        var bare = Bare(path);
        return match.PathSpecifierCase switch
        {
            RouteMatch.PathSpecifierOneofCase.Prefix => Starts(match, bare, match.Prefix),
            RouteMatch.PathSpecifierOneofCase.Path => bare.Length == ByteText.Of(match.Path).Length && Starts(match, bare, match.Path),
            RouteMatch.PathSpecifierOneofCase.SafeRegex => RegexMatch.Matches(match.SafeRegex.Regex, bare, release),
            RouteMatch.PathSpecifierOneofCase.PathSeparatedPrefix => Starts(match, bare, match.PathSeparatedPrefix)
                && ByteText.Of(match.PathSeparatedPrefix).Length is var length && (bare.Length == length || bare[length] == '/'),
            // Only CONNECT requests, which are not decided here.
            RouteMatch.PathSpecifierOneofCase.ConnectMatcher => false,
            _ => throw new UndecidedException("route match", $"{match.PathSpecifierCase} is not known"),
        };
    }

    /// <summary>Without query and fragment.</summary>
    public static string Bare(string path) => path.AsSpan().IndexOfAny('?', '#') is >= 0 and var end ? path[..end] : path;

    private static bool Starts(RouteMatch match, string path, string prefix)
    {
        var wanted = ByteText.Of(prefix);
        return match.CaseSensitive is false
            ? ByteText.Lower(path).StartsWith(ByteText.Lower(wanted), StringComparison.Ordinal)
            : path.StartsWith(wanted, StringComparison.Ordinal);
    }
}
