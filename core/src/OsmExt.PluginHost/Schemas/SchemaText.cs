using System.Text.Json.Nodes;
using OsmExt.PluginHost.Manifests;
using OsmExt.Sdk.Plugins;
using OsmExt.Yaml;

namespace OsmExt.PluginHost.Schemas;

/// <summary>A schema in the words of OpenAPI, as schema files and custom resource definitions have it.</summary>
internal static class SchemaText
{
    public static string Of(ConfigSchema schema) => YamlWriter.Write(Node(schema));

    public static JsonObject Node(ConfigSchema schema)
    {
        var result = new JsonObject { ["type"] = FieldReader.Dashed(schema.Type) };
        Add("description", schema.Description.Length > 0 ? schema.Description : null);
        Add("default", schema.Default is { } fallback ? JsonNode.Parse(fallback.ToString()) : null);
        Add("enum", Texts(schema.Enum));
        Add("pattern", schema.Pattern.Length > 0 ? schema.Pattern : null);
        var (least, most) = schema.Type switch
        {
            ConfigType.String => ("minLength", "maxLength"),
            ConfigType.Array => ("minItems", "maxItems"),
            ConfigType.Object => ("minProperties", "maxProperties"),
            _ => ("minimum", "maximum"),
        };
        Add(least, schema.Minimum);
        Add(most, schema.Maximum);
        Add("items", schema.Items is { } items ? Node(items) : null);
        Add("required", Texts(schema.Properties.Where(property => property.Required).Select(property => property.Name)));
        Add("properties", schema.Properties.IsEmpty ? null : new JsonObject(schema.Properties.Select(property => KeyValuePair.Create(property.Name, (JsonNode?)Node(property.Schema)))));
        Add("additionalProperties", schema.Values is { } values ? Node(values) : null);
        Add("x-kubernetes-validations", schema.Rules.IsEmpty ? null : new JsonArray([.. schema.Rules.Select(Rule)]));
        Add("x-kubernetes-preserve-unknown-fields", schema.IgnoresUnknown ? true : null);
        return result;

        void Add(string name, JsonNode? value)
        {
            if (value is not null)
            {
                result[name] = value;
            }
        }
    }

    private static JsonObject Rule(ConfigRule rule)
    {
        var result = new JsonObject { ["rule"] = rule.Rule, ["message"] = rule.Message };
        if (rule.FieldPath.Length > 0)
        {
            result["fieldPath"] = rule.FieldPath;
        }

        return result;
    }

    private static JsonArray? Texts(IEnumerable<string> texts) => texts.Select(text => (JsonNode)text).ToArray() is { Length: > 0 } some ? new(some) : null;
}
