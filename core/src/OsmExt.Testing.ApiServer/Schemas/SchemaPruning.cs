using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Schemas;

/// <summary>Takes out of objects what their schema does not name.</summary>
internal static class SchemaPruning
{
    private static readonly string[] MetadataFields =
    [
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations",
        "ownerReferences", "finalizers", "managedFields", "clusterName",
    ];

    /// <param name="value">An object of a kind.</param>
    /// <param name="schema">The kind's.</param>
    /// <param name="unknown">The fields that were taken out, in the order of the object.</param>
    public static JsonObject Apply(JsonObject value, JsonObject schema, out IReadOnlyList<string> unknown)
    {
        var found = new List<string>();
        var result = Object(value, schema, "", isResource: true, found);
        unknown = found;
        return result;
    }

    private static JsonNode? Below(JsonNode? value, JsonObject schema, string path, List<string> unknown)
    {
        switch (value)
        {
            case JsonObject map:
                return Object(map, schema, path, schema.IsEmbedded(), unknown);
            case JsonArray list when schema.Items() is { } items:
                return new JsonArray([.. list.Select((item, index) => Below(item, items, SchemaNodes.At(path, index), unknown))]);
            default:
                return value?.DeepClone();
        }
    }

    private static JsonObject Object(JsonObject map, JsonObject schema, string path, bool isResource, List<string> unknown)
    {
        var keepsAll = schema.KeepsUnknown() || schema["additionalProperties"] is JsonValue;
        var result = new JsonObject();
        foreach (var (name, inner) in map)
        {
            var at = SchemaNodes.At(path, name);
            if (isResource && name == "metadata")
            {
                result[name] = Metadata(inner, at, unknown);
            }
            else if (isResource && SchemaNodes.ObjectFields.Contains(name))
            {
                result[name] = inner?.DeepClone();
            }
            else if (schema.Field(name) is { } field)
            {
                result[name] = Below(inner, field, at, unknown);
            }
            else if (keepsAll)
            {
                result[name] = inner?.DeepClone();
            }
            else
            {
                unknown.Add(at);
            }
        }

        return result;
    }

    private static JsonNode? Metadata(JsonNode? value, string path, List<string> unknown)
    {
        if (value is not JsonObject map)
        {
            return value?.DeepClone();
        }

        unknown.AddRange(map.Select(field => field.Key).Except(MetadataFields).Select(name => SchemaNodes.At(path, name)));
        return new JsonObject(map.Where(field => MetadataFields.Contains(field.Key)).Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone())));
    }
}
