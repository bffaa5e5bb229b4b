using System.Text.Json.Nodes;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Kubernetes.Manifests;

/// <summary>A manifest as the JSON an API server would be sent for it: anchors and merge keys are carried out.</summary>
internal static class ManifestJson
{
    public static JsonNode? Of(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(YamlEntries.Of(mapping).Select(entry => KeyValuePair.Create(YamlEntries.NameOf(entry.Key), Of(entry.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Of)]),
        YamlScalarNode scalar when YamlScalar.IsNull(scalar) => null,
        YamlScalarNode scalar when YamlScalar.AsBoolean(scalar) is { } flag => flag,
        YamlScalarNode scalar when YamlScalar.AsInteger(scalar) is { } number => number,
        YamlScalarNode scalar when YamlScalar.AsNumber(scalar) is { } number => number,
        YamlScalarNode scalar => scalar.Value,
        _ => null,
    };
}
