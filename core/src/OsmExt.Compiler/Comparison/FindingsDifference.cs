using System.Text.Json.Nodes;

namespace OsmExt.Compiler.Comparison;

/// <summary>Findings that come or go between two meshes. Where they were read does not count: a moved line is no new mistake.</summary>
/// <param name="Added">Findings of the second mesh only.</param>
/// <param name="Removed">Findings of the first mesh only.</param>
internal sealed record FindingsDifference(IReadOnlyList<JsonObject> Added, IReadOnlyList<JsonObject> Removed)
{
    private static readonly string[] Places = ["file", "line"];

    /// <summary>Compares two documents of <see cref="MeshDocument"/>.</summary>
    public static FindingsDifference Between(JsonObject before, JsonObject after)
        => new(Missing(after, before), Missing(before, after));

    private static JsonObject[] Missing(JsonObject from, JsonObject there)
    {
        var known = Findings(there).Select(Text).ToHashSet(StringComparer.Ordinal);
        return [.. Findings(from).Where(finding => !known.Contains(Text(finding)))];
    }

    private static IEnumerable<JsonObject> Findings(JsonObject document) => document["diagnostics"]!.AsArray().Select(finding => finding!.AsObject());

    private static string Text(JsonObject finding)
        => string.Join('\n', finding
            .Where(field => !Places.Contains(field.Key, StringComparer.Ordinal))
            .Select(field => field.Value?.ToJsonString()));
}
