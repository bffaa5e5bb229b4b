using Envoy.Config.Route.V3;

namespace OsmExt.Simulation.Matching;

/// <summary>Conditions on query parameters. The first value of a name counts; nothing is unescaped.</summary>
internal static class QueryMatch
{
    public static bool Matches(IReadOnlyList<QueryParameterMatcher> matchers, string path, EnvoyRelease release)
        => matchers.Count == 0 || (Parse(path) is var values && matchers.All(matcher => Matches(matcher, values, release)));

    private static bool Matches(QueryParameterMatcher matcher, Dictionary<string, string> values, EnvoyRelease release)
    {
        if (!values.TryGetValue(ByteText.Of(matcher.Name), out var value))
        {
            return matcher.QueryParameterMatchSpecifierCase == QueryParameterMatcher.QueryParameterMatchSpecifierOneofCase.PresentMatch
                && !matcher.PresentMatch;
        }

        return matcher.QueryParameterMatchSpecifierCase switch
        {
            QueryParameterMatcher.QueryParameterMatchSpecifierOneofCase.None => true,
            QueryParameterMatcher.QueryParameterMatchSpecifierOneofCase.PresentMatch => matcher.PresentMatch,
            _ => StringMatch.Matches(matcher.StringMatch, value, release),
        };
    }

    private static Dictionary<string, string> Parse(string path)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var start = path.IndexOf('?', StringComparison.Ordinal);
        if (start >= 0)
        {
            foreach (var part in path[(start + 1)..].Split('&'))
            {
                var equals = part.IndexOf('=', StringComparison.Ordinal);
                values.TryAdd(equals < 0 ? part : part[..equals], equals < 0 ? "" : part[(equals + 1)..]);
            }
        }

        return values;
    }
}
