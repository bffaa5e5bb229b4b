using System.Globalization;
using System.Numerics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scriban.Runtime;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Templates;

/// <summary>Values on their way into a template, where nothing can change them, and out of it, as JSON that cannot break out of its place.</summary>
internal static class TemplateJson
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A value that templates can read only. What the schema knows and the value lacks is null, or empty for lists.</summary>
    public static object? ReadOnly(JsonElement value, ConfigSchema? schema = null) => value.ValueKind switch
    {
        JsonValueKind.Object => Object(value, schema),
        JsonValueKind.Array => Array.AsReadOnly<object?>([.. value.EnumerateArray().Select(item => ReadOnly(item, schema?.Items))]),
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? whole : value.GetDouble(),
        _ => null,
    };

    /// <summary>What an expression is written as.</summary>
    public static string Write(object? value) => (Node(value)?.ToJsonString(Readable) ?? "null")
        .Replace("\u2028", "\\u2028", StringComparison.Ordinal).Replace("\u2029", "\\u2029", StringComparison.Ordinal).Replace("\u0085", "\\u0085", StringComparison.Ordinal);

    private static ScriptObject Object(JsonElement value, ConfigSchema? schema)
    {
        var result = new ScriptObject();
        foreach (var field in value.EnumerateObject())
        {
            var known = schema?.Properties.FirstOrDefault(property => string.Equals(property.Name, field.Name, StringComparison.Ordinal))?.Schema;
            result.Add(field.Name, ReadOnly(field.Value, known ?? schema?.Values)!);
        }

        foreach (var property in schema?.Properties ?? [])
        {
            if (!result.ContainsKey(property.Name))
            {
                result.Add(property.Name, property.Schema switch
                {
                    { Default: { } fallback } => ReadOnly(fallback.Root, property.Schema)!,
                    { Type: ConfigType.Array } => Array.AsReadOnly<object?>([]),
                    { Type: ConfigType.Object, Values: not null } => new ScriptObject { IsReadOnly = true },
                    _ => null!,
                });
            }
        }

        result.IsReadOnly = true;
        return result;
    }

    private static JsonNode? Node(object? value) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        int or long or short or byte or uint => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        BigInteger number => JsonNode.Parse(number.ToString(CultureInfo.InvariantCulture)),
        double or float or decimal => JsonValue.Create(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        ScriptObject fields => new JsonObject(fields.Select(field => KeyValuePair.Create(field.Key, Node(field.Value)))),
        System.Collections.IEnumerable items => new JsonArray([.. items.Cast<object?>().Select(Node)]),
        _ => throw new InvalidOperationException($"a value of type {value.GetType().Name} cannot be written"),
    };
}
