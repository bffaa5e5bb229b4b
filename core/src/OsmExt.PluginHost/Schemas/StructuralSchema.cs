using System.Text.Json.Nodes;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Schemas;

/// <summary>
/// A schema as the API server takes it in a custom resource definition, where it is stricter than ours: a pattern is looked for anywhere in the text, and an object has
/// either named fields or any.
/// </summary>
internal static class StructuralSchema
{
    public static JsonObject Of(ConfigSchema schema) => Fitted(SchemaText.Node(schema));

    private static JsonObject Fitted(JsonObject schema)
    {
        if ((string?)schema["pattern"] is { } pattern)
        {
            schema["pattern"] = $"^(?:{pattern})$";
        }

        // What the fields with any name look like can then not be said; the webhook still looks at them.
        if (schema.ContainsKey("properties") && schema.Remove("additionalProperties"))
        {
            schema["x-kubernetes-preserve-unknown-fields"] = true;
        }

        foreach (var child in Children(schema))
        {
            Fitted(child);
        }

        return schema;
    }

    private static IEnumerable<JsonObject> Children(JsonObject schema)
        => (schema["properties"]?.AsObject().Select(field => field.Value) ?? []).Append(schema["items"]).Append(schema["additionalProperties"]).OfType<JsonObject>();
}
