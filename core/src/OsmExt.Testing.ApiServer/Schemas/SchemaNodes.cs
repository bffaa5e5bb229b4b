using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Schemas;

/// <summary>What the schemas in CustomResourceDefinitions say about a value, read from their JSON.</summary>
internal static class SchemaNodes
{
    /// <summary>The fields that every object has beside what a schema names.</summary>
    public static readonly string[] ObjectFields = ["apiVersion", "kind", "metadata"];

    public static string Type(this JsonObject schema) => schema["type"] is JsonValue value && value.TryGetValue<string>(out var type) ? type : "";

    public static bool Says(this JsonObject schema, string extension) => schema[extension] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    public static bool IsIntOrString(this JsonObject schema) => schema.Says("x-kubernetes-int-or-string");

    public static bool KeepsUnknown(this JsonObject schema) => schema.Says("x-kubernetes-preserve-unknown-fields");

    public static bool IsEmbedded(this JsonObject schema) => schema.Says("x-kubernetes-embedded-resource");

    public static JsonObject? Property(this JsonObject schema, string name) => (schema["properties"] as JsonObject)?[name] as JsonObject;

    /// <summary>The schema of a field: its own, or that of all fields without one; null for none.</summary>
    public static JsonObject? Field(this JsonObject schema, string name) => schema.Property(name) ?? schema["additionalProperties"] as JsonObject;

    public static JsonObject? Items(this JsonObject schema) => schema["items"] as JsonObject;

    public static IEnumerable<KeyValuePair<string, JsonNode?>> Properties(this JsonObject schema) => schema["properties"] as JsonObject ?? [];

    public static IEnumerable<JsonObject> All(this JsonObject schema, string junctor) => (schema[junctor] as JsonArray ?? []).OfType<JsonObject>();

    public static IEnumerable<string> Names(this JsonObject schema, string field) => (schema[field] as JsonArray ?? []).Select(name => name?.GetValue<string>() ?? "");

    public static double? Limit(this JsonObject schema, string keyword) => schema[keyword] is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? Number(value) : null;

    public static double Number(JsonNode value) => double.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>The type of a value, in a schema's word.</summary>
    public static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        // 1.0 is a number, and nobody wrote it for a whole one.
        JsonValueKind.Number => value.ToJsonString().AsSpan().IndexOfAny('.', 'e', 'E') < 0 ? "integer" : "number",
        _ => "null",
    };

    public static string At(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    public static string At(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");
}
