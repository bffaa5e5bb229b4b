using System.Text.Json.Nodes;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.PluginHost.Manifests;

/// <summary>YAML as the JSON it stands for.</summary>
internal static class YamlJson
{
    public static JsonNode? Of(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(entry => KeyValuePair.Create(((YamlScalarNode)entry.Key).Value ?? "", Of(entry.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Of)]),
        YamlScalarNode scalar when YamlScalar.IsNull(scalar) => null,
        YamlScalarNode scalar when YamlScalar.AsBoolean(scalar) is { } flag => flag,
        YamlScalarNode scalar when YamlScalar.AsInteger(scalar) is { } number => number,
        YamlScalarNode scalar when YamlScalar.AsNumber(scalar) is { } number => number,
        YamlScalarNode scalar => scalar.Value,
        _ => null,
    };
}
