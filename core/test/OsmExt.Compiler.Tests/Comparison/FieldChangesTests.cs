using System.Text.Json.Nodes;
using OsmExt.Compiler.Comparison;

namespace OsmExt.Compiler.Tests.Comparison;

public class FieldChangesTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""")]
    [InlineData("""{"a":1}""", """{"a":2}""", "a: 1 -> 2")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{"b":1,"c":[]}}""", "a.c: nothing -> []")]
    [InlineData("""{"a":{"b":1}}""", """{}""", """a: {"b":1} -> nothing""")]
    // Named entries are told apart by name: one more in front shifts nothing.
    [InlineData("""{"l":[{"name":"x","v":1}]}""", """{"l":[{"name":"a"},{"name":"x","v":2}]}""", "l[x].v: 1 -> 2", """l[a]: nothing -> {"name":"a"}""")]
    [InlineData("""{"l":[{"name":"x"},{"name":"y"}]}""", """{"l":[{"name":"y"},{"name":"x"}]}""", """l (order): ["x","y"] -> ["y","x"]""")]
    // Without names the longest common part stays, and what is between is compared in pairs.
    [InlineData("""{"l":["a","b","c"]}""", """{"l":["a","x","c"]}""", """l[1]: "b" -> "x" """)]
    [InlineData("""{"l":["a","b"]}""", """{"l":["z","a","b"]}""", """l[0]: nothing -> "z" """)]
    [InlineData("""{"l":["a","b","c","d"]}""", """{"l":["b","d"]}""", """l[0]: "a" -> nothing""", """l[2]: "c" -> nothing""")]
    [InlineData("""{"l":[{"m":1,"r":1},{"m":2}]}""", """{"l":[{"m":1,"r":9},{"m":2}]}""", "l[0].r: 1 -> 9")]
    // Two entries of one name are no names.
    [InlineData("""{"l":[{"name":"x","v":1},{"name":"x","v":2}]}""", """{"l":[{"name":"x","v":1},{"name":"x","v":3}]}""", "l[1].v: 2 -> 3")]
    public void Fields_that_differ_are_found(string before, string after, params string[] expected)
        => Assert.Equal(
            expected.Select(text => text.Trim()),
            FieldChanges.Between(JsonNode.Parse(before), JsonNode.Parse(after)).Select(change => $"{change.Path}: {Text(change.Before)} -> {Text(change.After)}"));

    [Fact]
    public void Applying_the_alignment_leaves_only_equal_entries_in_order()
    {
        var random = new Random(7);
        for (var round = 0; round < 500; round++)
        {
            var (first, second) = (Letters(random), Letters(random));
            var pairs = Alignment.Of(first, second).ToArray();

            Assert.All(pairs, pair => Assert.Equal(first[pair.First], second[pair.Second]));
            Assert.All(pairs.Zip(pairs.Skip(1)), pair => Assert.True(pair.First.First < pair.Second.First && pair.First.Second < pair.Second.Second));
            Assert.Equal(Longest(first, second), pairs.Length);
        }
    }

    private static string[] Letters(Random random) => [.. Enumerable.Range(0, random.Next(8)).Select(_ => $"{(char)('a' + random.Next(3))}")];

    // By trying everything, which short lists allow.
    private static int Longest(ReadOnlySpan<string> first, ReadOnlySpan<string> second)
        => first.IsEmpty || second.IsEmpty ? 0
            : first[0] == second[0] ? 1 + Longest(first[1..], second[1..])
            : Math.Max(Longest(first[1..], second), Longest(first, second[1..]));

    private static string Text(JsonNode? node) => node?.ToJsonString() ?? "nothing";
}
