using System.Diagnostics;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Kubernetes.Tests.Manifests;

public sealed class HostileTextTests
{
    [Fact]
    public void Nesting_is_bounded()
    {
        var deep = $"{Manifest.Service("good")}---\na: {new string('[', 200_000)}";
        Assert.Contains("in.yaml:6:259: error OSM1002: Nested deeper than 256 levels", Manifest.Report(deep), StringComparison.Ordinal);
        Assert.Single(Manifest.Read(deep).Resources);

        var json = $"{{\"a\":{string.Concat(Enumerable.Repeat("{\"a\":", 200_000))}";
        Assert.Contains("Nested deeper than 256 levels", Manifest.Report(json), StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_by_aliases_is_bounded_too()
    {
        var chain = string.Concat(Enumerable.Range(1, 300).Select(i => $"k{i}: &a{i} [*a{i - 1}]\n"));
        Assert.Contains("in.yaml:256:14: error OSM1002: Nested deeper than 256 levels", Manifest.Report($"k0: &a0 x\n{chain}"), StringComparison.Ordinal);
    }

    [Fact]
    public void Aliases_do_not_multiply_without_end()
    {
        var lines = string.Concat(Enumerable.Range(1, 30).Select(i => $"k{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n"));
        var watch = Stopwatch.StartNew();

        Assert.Contains("More than 4000000 nodes, aliases followed", Manifest.Report($"k0: &a0 x\n{lines}"), StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("a: &x [*x]")]
    [InlineData("&x {a: {b: *x}}")]
    [InlineData("&x [&x [1], *x]")]
    public void A_node_inside_itself_is_refused(string text)
        => Assert.Contains("The alias *x stands inside the node it refers to", Manifest.Report(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("? [a]\n: 1", "A key must be a single word or text, not a mapping or a list")]
    [InlineData("a: {{b: c}: d}", "A key must be a single word or text, not a mapping or a list")]
    [InlineData("&x {*x : 1}", "A key must be written out, not be an alias")]
    public void Keys_are_words(string text, string message) => Assert.Contains(message, Manifest.Report(text), StringComparison.Ordinal);

    [Fact]
    public void A_hole_in_a_file_does_not_cut_it_short_in_silence()
    {
        var file = Manifest.Read($"{Manifest.Service("first")}---\n{Manifest.Service("second")}\0\0\0\n---\n{Manifest.Service("third")}");

        Assert.Equal(["first", "third"], file.Resources.Select(resource => resource.Metadata.Name));
        Assert.Equal("in.yaml:10:1: error OSM1002: The control character U+0000 is not allowed. Mend the document; until then none of its objects is read.",
            Assert.Single(file.Diagnostics).ToString());
    }

    [Theory]
    [InlineData("apiVersion: v1\nkind: \"Pod\\e[31m\"\nmetadata: {name: x}\n")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: \"x\\e[31m\\u202e\", labels: {\"a\\e]0;\": 5}}\n")]
    [InlineData("apiVersion: v1\nkind: Pod\n\"x\\a\": 1\n\"y\\e\": 1\nmetadata: {name: x, \"\\e\": 2}\n")]
    [InlineData("\"\\e[2J\": 1\n\"\\e[2J\": 2\n")]
    public void Nothing_a_terminal_would_obey_gets_into_a_finding(string text)
    {
        var report = Manifest.Report(text);

        Assert.NotEmpty(report);
        Assert.DoesNotContain(report, letter => char.IsControl(letter) && letter != '\n');
        Assert.DoesNotContain('\u202e', report);
    }

    [Theory]
    [InlineData("1e999999999")]
    [InlineData("99999999999999999999999999999999999999999999999999")]
    [InlineData("1.2.3")]
    [InlineData("Gi")]
    public void A_quantity_costs_no_more_than_its_length(string quantity)
    {
        var report = Manifest.Report(
            $"{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{containers: [{{name: c, resources: {{limits: {{cpu: {quantity}}}}}}}]}}}}");

        Assert.StartsWith("in.yaml:1:106: warning OSM1004: Pod default/p spec.containers[0].resources.limits[cpu]: Expected a quantity", report, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_words_are_reported_short_and_soon()
    {
        var word = new string('x', 2_000_000);
        var watch = Stopwatch.StartNew();
        var file = Manifest.Read($"{{apiVersion: v1, kind: Pod, metadata: {{name: p, labels: 5, \"{word[..1000]}\": 1}}, spec: {{hostNetwork: \"{word}\"}}}}");

        Assert.All(file.Diagnostics, found => Assert.True(found.ToString().Length < 500));
        Assert.Contains(file.Diagnostics, found => found.Code == DiagnosticCodes.UnknownField);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
    }
}
