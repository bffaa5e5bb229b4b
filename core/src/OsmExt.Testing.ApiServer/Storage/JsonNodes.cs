using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Storage;

/// <summary>Reads fields of objects of which nothing is known; what has another type than asked for counts as absent.</summary>
internal static class JsonNodes
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonObject? Object(this JsonObject node, string name) => node[name] as JsonObject;

    public static JsonArray? List(this JsonObject node, string name) => node[name] as JsonArray;

    public static IEnumerable<JsonObject> Objects(this JsonObject node, string name) => (node[name] as JsonArray)?.OfType<JsonObject>() ?? [];

    public static IEnumerable<string> Texts(this JsonObject node, string name) => (node[name] as JsonArray)?.Select(AsText).OfType<string>() ?? [];

    public static string? Text(this JsonObject node, string name) => AsText(node[name]);

    public static string? AsText(this JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static bool Flag(this JsonObject node, string name) => node[name] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    public static long? Number(this JsonObject node, string name)
        => node[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            && long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static JsonObject Metadata(this JsonObject node) => node.Object("metadata") ?? [];

    public static string Name(this JsonObject node) => node.Metadata().Text("name") ?? "";

    public static string Namespace(this JsonObject node) => node.Metadata().Text("namespace") ?? "";

    public static string Uid(this JsonObject node) => node.Metadata().Text("uid") ?? "";

    /// <summary>A copy nobody else has.</summary>
    public static JsonObject Copy(this JsonObject node) => (JsonObject)Whole(node)!;

    /// <summary>A copy with some of its top fields replaced; null removes one.</summary>
    public static JsonObject With(this JsonObject node, params ReadOnlySpan<(string Name, JsonNode? Value)> fields)
    {
        var copy = node.Copy();
        foreach (var (name, value) in fields)
        {
            if (value is null)
            {
                copy.Remove(name);
            }
            else
            {
                copy[name] = value.Parent is null ? value : Whole(value);
            }
        }

        return copy;
    }

    /// <summary>A copy with some fields of its metadata replaced; null removes one.</summary>
    public static JsonObject WithMetadata(this JsonObject node, params ReadOnlySpan<(string Name, JsonNode? Value)> fields)
        => node.With(("metadata", node.Metadata().With(fields)));

    public static byte[] Bytes(JsonNode value)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            value.WriteTo(json);
        }

        return buffer.ToArray();
    }

    // Copied to the last value: objects made from text are read when first touched, and stored ones are touched by many at once.
    private static JsonNode? Whole(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                var copy = new JsonObject();
                foreach (var (name, value) in fields)
                {
                    copy[name] = Whole(value);
                }

                return copy;
            case JsonArray items:
                return new JsonArray([.. items.Select(Whole)]);
            default:
                return node?.DeepClone();
        }
    }
}
