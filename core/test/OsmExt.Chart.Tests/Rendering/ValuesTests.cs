using System.Text;
using System.Text.Json.Nodes;

namespace OsmExt.Chart.Tests.Rendering;

/// <summary>The values, their schema and the page that explains them say the same.</summary>
public class ValuesTests
{
    private const string Begin = "<!-- values: written by a test -->\n";
    private const string End = "<!-- end of values -->";
    private static readonly JsonObject Schema = JsonNode.Parse(File.ReadAllText(Path.Combine(Checkout.Chart, "values.schema.json")))!.AsObject();
    private static readonly JsonObject Values = YamlText.Objects(File.ReadAllText(Path.Combine(Checkout.Chart, "values.yaml"))).Single();

    [Fact]
    public void Every_value_has_a_place_in_the_schema_and_the_other_way_round()
    {
        foreach (var (path, schema) in Leaves(Schema, ""))
        {
            var isUnused = ((string?)schema["description"])?.StartsWith("Without effect", StringComparison.Ordinal) == true && !path.StartsWith("osm.featureFlags.", StringComparison.Ordinal);
            var isOptional = isUnused || path is "global" or "osm.deployGrafana" or "osm.deployJaeger" or "osm.enableFluentbit" or "osm.featureFlags.enableSPIFFE";
            Assert.True(isOptional ? Values.At(path) is null : Values.At(path) is not null, path);
        }
    }

    [Fact]
    public void The_charts_version_is_the_programs()
    {
        var version = System.Xml.Linq.XDocument.Load(Checkout.In("Directory.Build.props")).Descendants("Version").Single().Value;
        var chart = YamlText.Objects(File.ReadAllText(Path.Combine(Checkout.Chart, "Chart.yaml"))).Single();
        Assert.Equal((version, version), (chart["version"]!.ToString(), chart["appVersion"]!.ToString()));
    }

    [Fact]
    public void The_page_about_values_says_what_the_schema_says()
    {
        var page = Checkout.In("core/docs/helm-values.md");
        var text = File.ReadAllText(page);
        var (start, end) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        var table = new StringBuilder("\n| value | default | meaning |\n| --- | --- | --- |\n");
        foreach (var (path, schema) in Leaves(Schema, "").Where(leaf => leaf.Path != "global"))
        {
            table.Append(System.Globalization.CultureInfo.InvariantCulture, $"| `{path}` | {Default(Values.At(path))} | {schema["description"]!.ToString().Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }

        table.Append('\n');
        if (Checkout.Accepts)
        {
            File.WriteAllText(page, text = $"{text[..start]}{table}{text[end..]}");
            end = text.IndexOf(End, StringComparison.Ordinal);
        }

        Assert.Equal(table.ToString(), text[start..end]);
    }

    private static string Default(JsonNode? value) => value switch
    {
        null => "",
        JsonObject { Count: > 0 } => "see values.yaml",
        JsonArray { Count: > 2 } or JsonArray { Count: > 0 } when value[0] is JsonObject => "see values.yaml",
        _ => $"`{value.ToJsonString()}`",
    };

    // An object whose fields the schema names is looked into; any other value is one value.
    private static IEnumerable<(string Path, JsonObject Schema)> Leaves(JsonObject schema, string path) => schema["properties"] is JsonObject fields
        ? fields.SelectMany(field => Leaves(field.Value!.AsObject(), path.Length == 0 ? field.Key : $"{path}.{field.Key}"))
        : [(path, schema)];
}
