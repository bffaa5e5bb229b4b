using System.Text.Json.Nodes;

namespace OsmExt.Compiler.Contributions;

/// <summary>
/// What a message, as the tree it is printed as, says of how TLS is spoken: each transport socket, and what chooses among them, with its place.
/// It is looked for by the names of fields, wherever they stand, so that nothing packed hides any of it.
/// </summary>
internal static class TlsSettings
{
    private const string Field = "transport_socket";
    private const string Context = "common_tls_context";

    /// <summary>How the names of transport sockets' types begin.</summary>
    public const string Types = "envoy.extensions.transport_sockets.";


    /// <summary>All of them, in the order of the tree; the tree may change afterwards.</summary>
    public static IReadOnlyList<(string Path, string Text)> In(JsonNode? tree) => [.. Of(tree, "")];

    /// <summary>The first place where one is otherwise than before, came or went; null where there is none.</summary>
    public static string? Change(IReadOnlyList<(string Path, string Text)> before, IReadOnlyList<(string Path, string Text)> after)
        => before.SequenceEqual(after) ? null : before.Except(after).Concat(after.Except(before)).Select(setting => setting.Path).FirstOrDefault("");

    private static IEnumerable<(string Path, string Text)> Of(JsonNode? node, string path) => node switch
    {
        JsonObject fields when IsTls(fields["@type"]) || IsTls(fields["type_url"]) => [(path, fields.ToJsonString())],
        JsonObject fields => fields.SelectMany(field => Of(field.Key, field.Value, path.Length == 0 ? field.Key : $"{path}.{field.Key}")),
        JsonArray list => list.SelectMany((entry, index) => Of(entry, $"{path}[{index}]")),
        _ => [],
    };

    private static IEnumerable<(string Path, string Text)> Of(string field, JsonNode? value, string path)
        => field.Contains(Field, StringComparison.Ordinal) || field == Context ? [(path, value?.ToJsonString() ?? "null")] : Of(value, path);

    private static bool IsTls(JsonNode? type) => type is JsonValue value && value.TryGetValue(out string? text) && text.Contains(Types, StringComparison.Ordinal);
}
