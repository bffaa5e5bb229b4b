using System.Text.Json.Nodes;
using OsmExt.PluginHost.Manifests;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Chart.Tests;

/// <summary>Objects in YAML.</summary>
internal static class YamlText
{
    /// <summary>All objects of a text, those of lists by themselves.</summary>
    public static IReadOnlyList<JsonObject> Objects(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(document => YamlJson.Of(document.RootNode)).OfType<JsonObject>()
            .SelectMany(document => document["items"] is JsonArray items && document["kind"] is not null ? items.OfType<JsonObject>() : [document])];
    }

    public static string Kind(this JsonObject value) => (string?)value["kind"] ?? "";

    public static string Name(this JsonObject value) => (string?)value["metadata"]?["name"] ?? "";

    /// <summary>What is at a path of names and indices, like <c>spec.ports.0</c>.</summary>
    public static JsonNode? At(this JsonNode? value, string path) => path.Split('.').Aggregate(value, (node, step) => node switch
    {
        JsonArray list when int.TryParse(step, out var index) => index < list.Count ? list[index] : null,
        JsonObject fields => fields[step],
        _ => null,
    });
}
