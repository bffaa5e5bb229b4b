using System.Globalization;
using Envoy.Config.Route.V3;
using OsmExt.Simulation.Http;

namespace OsmExt.Simulation.Matching;

/// <summary>
/// Envoy's header matcher. Values of a repeated header count one by one, any of them, or joined by commas: that depends on the
/// release. A header that is missing matches no condition on its value, not even an inverted one.
/// </summary>
internal static class HeaderMatch
{
    /// <param name="matcher">The condition.</param>
    /// <param name="request">The request.</param>
    /// <param name="oneByOne">Whether the values of a repeated header count one by one.</param>
    public static bool Matches(HeaderMatcher matcher, HttpRequest request, bool oneByOne)
    {
        Understood.Check(matcher, $"header matcher {matcher.Name}");
        var values = request.Fields(ByteText.Lower(matcher.Name));
        values = values.Length == 0 && matcher.TreatMissingHeaderAsEmpty ? [""] : values.Length > 1
            && !oneByOne ? [string.Join(',', values)] : values;
        if (IsPresence(matcher))
        {
            var wanted = matcher.HeaderMatchSpecifierCase != HeaderMatcher.HeaderMatchSpecifierOneofCase.PresentMatch || matcher.PresentMatch;
            return (values.Length > 0 == wanted) != matcher.InvertMatch;
        }

        return values.Length > 0 && values.Any(value => MatchesValue(matcher, value, request.Release)) != matcher.InvertMatch;
    }

    private static bool IsPresence(HeaderMatcher matcher)
        => matcher.HeaderMatchSpecifierCase is HeaderMatcher.HeaderMatchSpecifierOneofCase.None
            or HeaderMatcher.HeaderMatchSpecifierOneofCase.PresentMatch;

#pragma warning disable CS0612 // Most of these are deprecated, but a configuration may still have them.
    private static bool MatchesValue(HeaderMatcher matcher, string value, EnvoyRelease release) => matcher.HeaderMatchSpecifierCase switch
    {
        HeaderMatcher.HeaderMatchSpecifierOneofCase.ExactMatch
            => matcher.ExactMatch.Length == 0 || string.Equals(value, ByteText.Of(matcher.ExactMatch), StringComparison.Ordinal),
        HeaderMatcher.HeaderMatchSpecifierOneofCase.SafeRegexMatch => RegexMatch.Matches(matcher.SafeRegexMatch.Regex, value, release),
        HeaderMatcher.HeaderMatchSpecifierOneofCase.PrefixMatch => value.StartsWith(ByteText.Of(matcher.PrefixMatch), StringComparison.Ordinal),
        HeaderMatcher.HeaderMatchSpecifierOneofCase.SuffixMatch => value.EndsWith(ByteText.Of(matcher.SuffixMatch), StringComparison.Ordinal),
        HeaderMatcher.HeaderMatchSpecifierOneofCase.ContainsMatch => value.Contains(ByteText.Of(matcher.ContainsMatch), StringComparison.Ordinal),
        HeaderMatcher.HeaderMatchSpecifierOneofCase.StringMatch => StringMatch.Matches(matcher.StringMatch, value, release),
        HeaderMatcher.HeaderMatchSpecifierOneofCase.RangeMatch =>
            long.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture, out var number)
            && number >= matcher.RangeMatch.Start && number < matcher.RangeMatch.End,
        _ => throw new UndecidedException($"header matcher {matcher.Name}", $"{matcher.HeaderMatchSpecifierCase} is not known"),
    };
#pragma warning restore CS0612
}
