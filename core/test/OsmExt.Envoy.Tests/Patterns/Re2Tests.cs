using System.Text.Json;

namespace OsmExt.Envoy.Tests.Patterns;

/// <summary>
/// corpus.jsonl holds patterns and what two real Envoys said of each as a route's safe_regex in <c>--mode validate</c>: the reason of the
/// refusal or, with the runtime key <c>re2.max_program_size.error_level</c> at 0, the size of the compiled program.
/// </summary>
public class Re2Tests
{
    private const int NoLimit = int.MaxValue;

    private sealed record Verdict(string Kind, string Pattern, JsonElement Older, JsonElement Newer)
    {
        public bool Accepted => Older.ValueKind == JsonValueKind.Number && Newer.ValueKind == JsonValueKind.Number;

        public int Size => Math.Max(Older.GetInt32(), Newer.GetInt32());
    }

    private static List<Verdict> Corpus() => [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Patterns", "corpus.jsonl"))
        .Select(line => JsonDocument.Parse(line).RootElement)
        .Select(entry => new Verdict(
            entry.GetProperty("kind").GetString()!,
            entry.GetProperty("pattern").GetString()!,
            entry.GetProperty("envoy_1_36"),
            entry.GetProperty("envoy_1_40")))];

    [Fact]
    public void A_pattern_passes_exactly_when_both_Envoys_take_it()
    {
        var corpus = Corpus();

        Assert.True(corpus.Count(verdict => verdict.Accepted) > 200 && corpus.Count(verdict => !verdict.Accepted) > 100);
        Assert.Empty(corpus.Where(verdict => (Re2.Check(verdict.Pattern, NoLimit) is null) != verdict.Accepted).Select(verdict => verdict.Pattern));
    }

    [Fact]
    public void A_pattern_that_passes_is_within_the_limit_of_both_Envoys()
    {
        Assert.Empty(Corpus()
            .Where(verdict => verdict.Accepted)
            .SelectMany(verdict => new[] { Re2.DefaultProgramSize, 20, 10, verdict.Size - 1 }.Select(limit => (verdict, limit)))
            .Where(pair => pair.verdict.Size > pair.limit && Re2.Check(pair.verdict.Pattern, pair.limit) is null)
            .Select(pair => pair.verdict.Pattern));
    }

    [Fact]
    public void Patterns_people_write_are_not_refused_for_a_little_less_than_the_limit()
    {
        Assert.Empty(Corpus()
            .Where(verdict => verdict is { Kind: "real", Accepted: true } && Re2.Check(verdict.Pattern, (verdict.Size * 5 / 4) + 6) is not null)
            .Select(verdict => verdict.Pattern));
    }

    [Theory]
    [InlineData("/a(?=b)", 2, "RE2 has no look-ahead or look-behind")]
    [InlineData(@"(a)\1", 3, "RE2 has no back references")]
    [InlineData("ab**", 3, "a repetition of a repetition")]
    [InlineData("(|+)", 2, "nothing to repeat")]
    [InlineData("a{3,2}", 1, "a repetition whose upper bound is less than its lower")]
    [InlineData("a{1001}", 1, "repeated more than 1000 times")]
    [InlineData("((a{10}){11}){10}", 13, "nested repetitions that come to more than 1000 copies")]
    [InlineData("a(b", 1, "a group without its closing parenthesis")]
    [InlineData("ab)", 2, "a closing parenthesis without an opening one")]
    [InlineData("x[a-", 1, "a bracket without its closing one")]
    [InlineData("[z-a]", 1, "a range whose end comes before its beginning")]
    [InlineData("[[:nosuch:]]", 1, "no character class [:nosuch:]")]
    [InlineData(@"a\p{Klingon}", 1, "no Unicode class \"Klingon\" that every Envoy knows")]
    [InlineData(@"a\", 1, "a backslash at the end")]
    [InlineData(@"a\K", 1, @"RE2 has no escape \K")]
    [InlineData(@"\x{20ac}", 0, @"newer Envoys match bytes and take no escape beyond \xFF; write the character itself")]
    [InlineData("(?P<a-b>c)", 0, "a group's name must consist of letters, digits and underscores, and end with >")]
    [InlineData("(?>a)", 0, "RE2 has no such group; a group begins with (?:, (?P<name> or flags of i, m, s and U")]
    [InlineData("a{200}", 0, "too large: it compiles to about 204 instructions, Envoy's limit is 100")]
    public void An_error_says_what_is_wrong_and_where(string pattern, int position, string message)
        => Assert.Equal(new(position, message), Re2.Check(pattern));

    [Fact]
    public void What_is_no_text_is_no_pattern()
        => Assert.Equal(new(1, "half of a surrogate pair"), Re2.Check("a\ud800b"));

    [Fact]
    public void What_is_long_or_deep_is_refused_before_it_costs_anything()
    {
        Assert.Null(Re2.Check(new('a', Re2.MaxLength), NoLimit));
        Assert.Contains("longer than 4096", Re2.Check(new('a', Re2.MaxLength + 1), NoLimit)!.Message, StringComparison.Ordinal);
        Assert.Contains("nested deeper", Re2.Check(new string('(', 2000) + new string(')', 2000), NoLimit)!.Message, StringComparison.Ordinal);
        Assert.Contains("too large", Re2.Check(string.Concat(Enumerable.Repeat("(?:[a-z]{1000})", 200)), 100_000)!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_gets_a_verdict()
    {
        const string Letters = "ab|*+?(){}[]\\^$.-:,<>P=!QEpxiU019é€\0\n\ud83d\ude00";
        var random = new Random(20);
        for (var round = 0; round < 20_000; round++)
        {
            var pattern = string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => Letters[random.Next(Letters.Length)]));

            if (Re2.Check(pattern) is { } error)
            {
                Assert.InRange(error.Position, 0, pattern.Length);
            }
        }
    }
}
