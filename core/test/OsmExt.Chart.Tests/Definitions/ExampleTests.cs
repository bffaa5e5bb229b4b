using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OsmExt.Chart.Tests.Definitions;

/// <summary>Every example of a kind, in documents and in manifests that ship, is what its definition takes.</summary>
public partial class ExampleTests
{
    private static readonly string[] Places = ["core/docs", "plugins", "integrations", "e2e/demo", "e2e/samples", "README.md"];

    public static TheoryData<string> Files => [.. Examples().Select(example => example.File).Distinct(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Examples_are_accepted(string file)
        => Assert.All(Examples().Where(example => example.File == file), example => Assert.True(
            Definition.Of(example.Value)!.Refusals(example.Value) is { Count: 0 }, $"{example.Value.Kind()} {example.Value.Name()}: {string.Join("; ", Definition.Of(example.Value)!.Refusals(example.Value))}"));

    [Fact]
    public void Every_kind_has_an_example()
        => Assert.Empty(Definition.All.Where(definition => !Examples().Any(example => Definition.Of(example.Value) == definition)).Select(definition => definition.Kind));

    private static IEnumerable<(string File, JsonObject Value)> Examples()
        => Places.Select(Checkout.In).SelectMany(place => File.Exists(place) ? [place] : Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories))
            .Where(file => !file.Contains("/test/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .SelectMany(file => Texts(file).SelectMany(text => Objects(text)).Select(value => (Path.GetRelativePath(Checkout.Root, file), value)));

    private static IEnumerable<string> Texts(string file) => Path.GetExtension(file) switch
    {
        ".md" => Blocks().Matches(File.ReadAllText(file)).Select(match => match.Groups["text"].Value),
        ".yaml" or ".yml" => [File.ReadAllText(file)],
        _ => [],
    };

    // Documents also show parts of objects, and templates, whose braces make keys that are no texts.
    private static IEnumerable<JsonObject> Objects(string text)
    {
        try
        {
            return YamlText.Objects(text).Where(value => Definition.Of(value) is not null && value["spec"] is not null);
        }
        catch (Exception failure) when (failure is YamlDotNet.Core.YamlException or InvalidCastException)
        {
            return [];
        }
    }

    [GeneratedRegex("^```ya?ml\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Blocks();
}
