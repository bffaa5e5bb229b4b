using Envoy.Type.Matcher.V3;

namespace OsmExt.Simulation.Matching;

/// <summary>Envoy's string matcher.</summary>
internal static class StringMatch
{
    public static bool Matches(StringMatcher matcher, string value, EnvoyRelease release) => matcher.MatchPatternCase switch
    {
        StringMatcher.MatchPatternOneofCase.Exact => string.Equals(Folded(matcher, value), Wanted(matcher, matcher.Exact), StringComparison.Ordinal),
        StringMatcher.MatchPatternOneofCase.Prefix => Folded(matcher, value).StartsWith(Wanted(matcher, matcher.Prefix), StringComparison.Ordinal),
        StringMatcher.MatchPatternOneofCase.Suffix => Folded(matcher, value).EndsWith(Wanted(matcher, matcher.Suffix), StringComparison.Ordinal),
        StringMatcher.MatchPatternOneofCase.Contains => Folded(matcher, value).Contains(Wanted(matcher, matcher.Contains), StringComparison.Ordinal),
        // Letter case is up to the pattern alone.
        StringMatcher.MatchPatternOneofCase.SafeRegex => RegexMatch.Matches(matcher.SafeRegex.Regex, value, release),
        _ => throw new UndecidedException("string matcher", $"{matcher.MatchPatternCase} is not known"),
    };

    private static string Folded(StringMatcher matcher, string value) => matcher.IgnoreCase ? ByteText.Lower(value) : value;

    private static string Wanted(StringMatcher matcher, string configured) => Folded(matcher, ByteText.Of(configured));
}
