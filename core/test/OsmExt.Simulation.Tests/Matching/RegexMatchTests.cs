using OsmExt.Simulation.Matching;

namespace OsmExt.Simulation.Tests.Matching;

public class RegexMatchTests
{
    [Theory]
    [InlineData("a|ab", "ab", true)] // the whole value, whichever alternative
    [InlineData("a", "ab", false)]
    [InlineData("a$", "a\n", false)] // RE2's $ is the very end
    [InlineData("a.c", "a\nc", false)]
    [InlineData(@"\d+", "\u0661", false)] // ASCII only
    [InlineData(@"[[:alpha:]_]+", "aB_", true)]
    [InlineData(@"[]a]+", "]a", true)]
    [InlineData(@"[a-]+", "-a", true)]
    [InlineData(@"[^\d/]+", "ab", true)]
    [InlineData(@"\Qa.b\E+", "a.bb", true)]
    [InlineData(@"\x41\x{42}\103", "ABC", true)]
    [InlineData(@"(?P<n>a)(?:b)(?i)C", "abc", true)]
    [InlineData(@"a{2,3}", "aaaa", false)]
    [InlineData(@"a{,3}", "a{,3}", true)]
    [InlineData(@"[a-z&&[b]]", "b]", true)] // no set operations in RE2
    [InlineData("[!-[b]]", "A]", true)]
    [InlineData(@" # ", " # ", true)]
    public void Patterns_mean_what_RE2_means(string pattern, string value, bool expected)
        => Assert.Equal(expected, RegexMatch.Matches(pattern, ByteText.Of(value), EnvoyRelease.Newest));

    [Theory]
    [InlineData(".", false, true)]
    [InlineData("..", true, false)]
    [InlineData("[^a]", false, true)]
    public void Characters_beyond_ASCII_are_bytes_or_characters_by_release(string pattern, bool newest, bool older)
    {
        Assert.Equal(newest, RegexMatch.Matches(pattern, ByteText.Of("é"), EnvoyRelease.Newest));
        Assert.Equal(older, RegexMatch.Matches(pattern, ByteText.Of("é"), EnvoyRelease.Parse("1.36.2")));
    }

    [Fact]
    public void What_is_no_UTF8_matches_nothing_in_older_releases() => Assert.False(RegexMatch.Matches(".*", "\u00E9", EnvoyRelease.Parse("1.36.2")));

    [Theory]
    [InlineData(@"\pL", "a")]
    [InlineData("(?s)a", "a")]
    [InlineData("(a", "a")]
    public void Patterns_with_no_counterpart_are_no_guess(string pattern, string value)
        => Assert.Throws<UndecidedException>(() => RegexMatch.Matches(pattern, value, EnvoyRelease.Newest));
}
