using System.Text;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Rbac.V3;
using Google.Protobuf;
using OsmExt.Envoy.Tests.Samples;

namespace OsmExt.Envoy.Tests.Reading;

/// <summary>Texts made to break the reader; each must end in problems, soon, and never in an exception.</summary>
public class HostileTextTests
{
    [Theory]
    [InlineData("[", 100_000)]
    [InlineData("{a: ", 100_000)]
    [InlineData("- ", 100_000)]
    [InlineData("? ", 100_000)]
    [InlineData("[[a]: ", 50_000)]
    public void Nesting_without_end_is_a_problem_with_a_place(string opening, int times)
    {
        var result = EnvoyReader.Read(Repeat(opening, times), Cluster.Descriptor);

        Assert.Null(result.Message);
        Assert.Single(result.Problems);
    }

    [Theory]
    [InlineData(6, "more than 250000 values")]
    [InlineData(12, "more than 4000000 nodes")]
    [InlineData(100, "more than 4000000 nodes")]
    public void Aliases_of_aliases_run_out_of_budget(int levels, string message)
    {
        var text = new StringBuilder("metadata: {filter_metadata: {osm: {a: &a0 [x, x, x, x, x, x, x, x, x, x]");
        for (var level = 1; level < levels; level++)
        {
            text.Append(", b").Append(level).Append(": &a").Append(level).Append(" [").AppendJoin(", ", Enumerable.Repeat($"*a{level - 1}", 10)).Append(']');
        }

        var result = EnvoyReader.Read(text.Append("}}}").ToString(), Cluster.Descriptor);

        Assert.Null(result.Message);
        Assert.Contains(message, Assert.Single(result.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_alias_inside_what_it_names_ends()
    {
        var loop = "metadata: {filter_metadata: {osm: &a {again: *a}}}";
        var packed = """
            upstream_config: &a
              name: a
              typed_config: {"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster, upstream_config: *a}
            """;

        foreach (var text in new[] { loop, packed })
        {
            var result = EnvoyReader.Read(text, Cluster.Descriptor);

            Assert.Null(result.Message);
            Assert.NotEmpty(result.Problems);
        }
    }

    [Theory]
    [InlineData("metadata: {filter_metadata: {osm: ", "{a: ", "}", "}}")]
    [InlineData("metadata: {filter_metadata: {osm: {a: ", "[", "]", "}}}")]
    public void What_is_read_can_be_parsed_again_however_deep(string opening, string inner, string closing, string end)
    {
        var accepted = 0;
        for (var depth = 1; depth < 60; depth++)
        {
            var text = opening + Repeat(inner, depth) + (inner[0] == '{' ? "{}" : "") + Repeat(closing, depth) + end;
            if (EnvoyReader.Read(text, Cluster.Descriptor).Message is { } message)
            {
                accepted++;
                Assert.Equal(message, Cluster.Parser.ParseFrom(message.ToByteArray()));
                Assert.Equal(depth, accepted);
            }
        }

        Assert.InRange(accepted, 20, 58);
    }

    [Fact]
    public void Rules_may_nest_as_deep_as_Envoy_parses_them()
    {
        static string Nested(int depth) => Repeat("{not_id: ", depth) + "{any: true}" + new string('}', depth);

        var deep = (Principal)Sample.Read(Nested(90), Principal.Descriptor);
        Assert.Equal(deep, Principal.Parser.ParseFrom(deep.ToByteArray()));
        Assert.Equal("more than 100 messages inside one another", EnvoyReader.Read(Nested(101), Principal.Descriptor).Problems[0].Message);
    }

    [Fact]
    public void A_thousand_problems_are_not_all_listed()
    {
        var result = EnvoyReader.Read(string.Concat(Enumerable.Range(0, 1000).Select(number => $"nonsense{number}: 1\n")), Cluster.Descriptor);

        Assert.Equal(101, result.Problems.Count);
        Assert.Equal("more than 100 problems; the rest are not listed", result.Problems[^1].Message);
    }

    [Fact]
    public void Long_words_stay_short_in_what_is_said()
    {
        var word = new string('x', 1_000_000);

        var text = $"{{\"{word[..900]}\": 1, name: [\"{word}\"], type: {word}, upstream_config: {{typed_config: {{\"@type\": \"{word}\"}}}}}}";
        var problems = EnvoyReader.Read(text, Cluster.Descriptor).Problems;

        Assert.Equal(4, problems.Count);
        Assert.All(problems, problem => Assert.InRange(problem.ToString().Length, 1, 500));
    }

    [Fact]
    public void Long_numbers_stay_short_in_what_is_said()
    {
        var digits = new string('9', 500_000);

        var text = $$"""
            name: {{digits}}
            per_connection_buffer_limit_bytes: {{digits}}
            connect_timeout: {{digits}}s
            metadata:
              filter_metadata:
                osm: {a: {{digits}}, b: 1e999}
            common_lb_config:
              healthy_panic_threshold: {value: {{digits}} }
            """;
        var problems = EnvoyReader.Read(text, Cluster.Descriptor).Problems;

        Assert.Equal(6, problems.Count);
        Assert.All(problems, problem => Assert.InRange(problem.ToString().Length, 1, 200));
    }

    [Fact]
    public void Nothing_a_terminal_would_obey_is_repeated()
    {
        const string Text = """
            "\e[31m": 1
            name: ["\e"]
            connect_timeout: "\e[2J"
            upstream_config: {typed_config: {"@type": "\e"}}
            """;
        var problems = EnvoyReader.Read(Text, Cluster.Descriptor).Problems;

        Assert.Equal(4, problems.Count);
        Assert.All(problems, problem => Assert.DoesNotContain(problem.ToString(), char.IsControl));
    }

    [Fact]
    public void No_text_throws()
    {
        const string Pieces = "{}[]:,-?&*!|>'\"%@`#\n\t \\ab0~<=.\0\u0085\u2028\ufeff\ud800";
        var random = new Random(11);
        var original = Sample.Text("listener");
        for (var round = 0; round < 400; round++)
        {
            var text = new StringBuilder(original[..random.Next(original.Length)]);
            for (var change = random.Next(1, 6); change > 0 && text.Length > 0; change--)
            {
                var at = random.Next(text.Length);
                _ = random.Next(3) switch
                {
                    0 => text.Remove(at, 1),
                    1 => text.Insert(at, Pieces[random.Next(Pieces.Length)]),
                    _ => text.Insert(at, original.AsSpan(random.Next(original.Length - 40), 40)),
                };
            }

            AssertConsistent(EnvoyReader.Read(text.ToString(), Listener.Descriptor));
        }

        for (var round = 0; round < 5000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 25)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            AssertConsistent(EnvoyReader.Read(text, HeaderValue.Descriptor));
        }
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private static void AssertConsistent(ReadResult result) => Assert.Equal(result.Message is null, result.Problems.Count > 0);
}
