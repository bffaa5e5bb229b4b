using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Schemas;

/// <summary>Fills in what a schema says counts when nothing is written.</summary>
internal static class SchemaDefaults
{
    /// <summary>The value with its defaults; null where it may not be null counts as nothing.</summary>
    public static JsonNode? Apply(JsonNode? value, JsonObject schema)
    {
        switch (value)
        {
            case JsonObject map:
                var result = new JsonObject();
                foreach (var (name, inner) in map)
                {
                    if (schema.Field(name) is not { } field)
                    {
                        result[name] = inner?.DeepClone();
                    }
                    else if (inner is not null || field.Says("nullable"))
                    {
                        result[name] = Apply(inner, field);
                    }
                }

                foreach (var (name, property) in schema.Properties())
                {
                    if (!result.ContainsKey(name) && property is JsonObject field && field.TryGetPropertyValue("default", out var fallback))
                    {
                        result[name] = Apply(fallback, field);
                    }
                }

                return result;
            case JsonArray list when schema.Items() is { } items:
                return new JsonArray([.. list.Select(item => item is null && items.TryGetPropertyValue("default", out var fallback) && !items.Says("nullable") ? fallback?.DeepClone() : Apply(item, items))]);
            default:
                return value?.DeepClone();
        }
    }
}
