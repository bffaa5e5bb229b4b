using System.Text.Json.Nodes;
using OsmExt.PluginHost.Manifests;
using OsmExt.Yaml;

namespace OsmExt.Testing.ApiServer.Tests;

/// <summary>Values as tests write them.</summary>
internal static class Json
{
    public static JsonNode? Of(string yaml)
    {
        var (documents, problems) = YamlText.Read(yaml);
        Assert.Empty(problems);
        // A document of nothing is none.
        return documents is [] ? null : YamlJson.Of(Assert.Single(documents).Root);
    }

    public static JsonObject Object(string yaml) => (JsonObject)Of(yaml)!;

    public static void Same(JsonNode? expected, JsonNode? actual)
        => Assert.True(JsonNode.DeepEquals(expected, actual), $"expected {expected?.ToJsonString()}\nactual   {actual?.ToJsonString()}");
}
