using System.Text.Json;
using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Schemas;

/// <summary>JSON as the values that expressions work on.</summary>
internal static class CelValues
{
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return",
    };

    /// <param name="schema">What is known of the value: numbers are whole or not, whatever they look like; null for nothing.</param>
    public static object? Of(JsonNode? value, JsonObject? schema = null) => value switch
    {
        JsonObject map => map.ToDictionary(field => schema?.Property(field.Key) is null ? field.Key : Escaped(field.Key), field => Of(field.Value, schema?.Field(field.Key)), StringComparer.Ordinal),
        JsonArray list => list.Select(item => Of(item, schema?.Items())).ToArray(),
        null => null,
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => schema?.Type() != "number" && SchemaNodes.TypeOf(value) == "integer" && long.TryParse(value.ToJsonString(), out var whole) ? whole : (object)SchemaNodes.Number(value),
        },
    };

    // What is no name in an expression is written as one there.
    private static string Escaped(string name) => Reserved.Contains(name) ? $"__{name}__"
        : name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') && !name.Contains("__", StringComparison.Ordinal) ? name
        : name.Replace("__", "__underscores__", StringComparison.Ordinal).Replace(".", "__dot__", StringComparison.Ordinal).Replace("-", "__dash__", StringComparison.Ordinal).Replace("/", "__slash__", StringComparison.Ordinal);
}
