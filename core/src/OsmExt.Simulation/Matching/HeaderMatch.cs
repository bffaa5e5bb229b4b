using System.Globalization;
using Envoy.Config.Route.V3;
using OsmExt.Simulation.Http;

namespace OsmExt.Simulation.Matching;

/// <summary>
/// Envoy's header matcher. Values of a repeated header are joined by commas. A header that is missing matches no condition on
/// its value, not even an inverted one.
/// </summary>
internal static class HeaderMatch
{
    public static bool Matches(HeaderMatcher matcher, HttpRequest request)
    {
        Understood.Check(matcher, $"header matcher {matcher.Name}");
        var value = request.Header(ByteText.Lower(matcher.Name)) ?? (matcher.TreatMissingHeaderAsEmpty ? "" : null);
        if (IsPresence(matcher))
        {
            var wanted = matcher.HeaderMatchSpecifierCase != HeaderMatcher.HeaderMatchSpecifierOneofCase.PresentMatch || matcher.PresentMatch;
            return (value is not null == wanted) != matcher.InvertMatch;
        }

        return value is not null && MatchesValue(matcher, value) != matcher.InvertMatch;
    }

    private static bool IsPresence(HeaderMatcher matcher)
        => matcher.HeaderMatchSpecifierCase is HeaderMatcher.HeaderMatchSpecifierOneofCase.None or HeaderMatcher.HeaderMatchSpecifierOneofCase.PresentMatch;

// The first four are deprecated, but a configuration may still have them.
#pragma warning disable CS0612
    private static bool MatchesValue(HeaderMatcher matcher, string value) => matcher.HeaderMatchSpecifierCase switch
    {
        HeaderMatcher.HeaderMatchSpecifierOneofCase.ExactMatch => matcher.ExactMatch.Length == 0 || string.Equals(value, ByteText.Of(matcher.ExactMatch), StringComparison.Ordinal),
        HeaderMatcher.HeaderMatchSpecifierOneofCase.SafeRegexMatch => RegexMatch.Matches(matcher.SafeRegexMatch.Regex, value),
        HeaderMatcher.HeaderMatchSpecifierOneofCase.PrefixMatch => value.StartsWith(ByteText.Of(matcher.PrefixMatch), StringComparison.Ordinal),
        HeaderMatcher.HeaderMatchSpecifierOneofCase.SuffixMatch => value.EndsWith(ByteText.Of(matcher.SuffixMatch), StringComparison.Ordinal),
        HeaderMatcher.HeaderMatchSpecifierOneofCase.ContainsMatch => value.Contains(ByteText.Of(matcher.ContainsMatch), StringComparison.Ordinal),
        HeaderMatcher.HeaderMatchSpecifierOneofCase.StringMatch => StringMatch.Matches(matcher.StringMatch, value),
        HeaderMatcher.HeaderMatchSpecifierOneofCase.RangeMatch =>
            long.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number)
            && number >= matcher.RangeMatch.Start && number < matcher.RangeMatch.End,
        _ => throw new UndecidedException($"header matcher {matcher.Name}", $"{matcher.HeaderMatchSpecifierCase} is not known"),
    };
#pragma warning restore CS0612
}
