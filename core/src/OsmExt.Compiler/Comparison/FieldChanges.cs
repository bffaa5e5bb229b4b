using System.Globalization;
using System.Text.Json.Nodes;

namespace OsmExt.Compiler.Comparison;

/// <summary>A field that differs.</summary>
/// <param name="Path">Where, in Envoy's field names; list entries by their name where they have one, else by position.</param>
/// <param name="Before">What it was; null when it was not there.</param>
/// <param name="After">What it is; null when it is gone.</param>
internal sealed record FieldChange(string Path, JsonNode? Before, JsonNode? After);

/// <summary>
/// Finds the fields in which two messages differ. Entries of lists are told apart by name where all have one, so that one more
/// virtual host is one change and not a shift of all that follow; other lists are aligned by their longest common part.
/// </summary>
internal static class FieldChanges
{
    private static readonly string[] NameFields = ["name", "cluster_name"];

    public static IReadOnlyList<FieldChange> Between(JsonNode? before, JsonNode? after)
    {
        var changes = new List<FieldChange>();
        Compare("", before, after, changes);
        return changes;
    }

    private static void Compare(string path, JsonNode? before, JsonNode? after, List<FieldChange> changes)
    {
        if (JsonNode.DeepEquals(before, after))
        {
            return;
        }

        switch (before, after)
        {
            case (JsonObject old, JsonObject now):
                foreach (var key in old.Select(field => field.Key).Concat(now.Select(field => field.Key)).Distinct(StringComparer.Ordinal))
                {
                    Compare(path.Length == 0 ? key : $"{path}.{key}", old[key], now[key], changes);
                }

                break;
            case (JsonArray old, JsonArray now) when Named(old) is { } olds && Named(now) is { } nows:
                CompareNamed(path, olds, nows, changes);
                break;
            case (JsonArray old, JsonArray now):
                CompareAligned(path, old, now, changes);
                break;
            default:
                changes.Add(new(path, before, after));
                break;
        }
    }

    private static void CompareNamed(string path, Dictionary<string, JsonNode> old, Dictionary<string, JsonNode> now, List<FieldChange> changes)
    {
        var count = changes.Count;
        foreach (var name in old.Keys.Union(now.Keys, StringComparer.Ordinal))
        {
            Compare($"{path}[{name}]", old.GetValueOrDefault(name), now.GetValueOrDefault(name), changes);
        }

        if (count == changes.Count)
        {
            // The same entries in another order, which matters to Envoy: the first that matches counts.
            changes.Add(new($"{path} (order)", Names(old.Keys), Names(now.Keys)));
        }
    }

    private static void CompareAligned(string path, JsonArray old, JsonArray now, List<FieldChange> changes)
    {
        var (oldTexts, nowTexts) = (Texts(old), Texts(now));
        var (i, j) = (0, 0);
        foreach (var (oldAt, nowAt) in Alignment.Of(oldTexts, nowTexts).Append((old.Count, now.Count)))
        {
            for (; i < oldAt || j < nowAt; i++, j++)
            {
                Compare(
                    string.Create(CultureInfo.InvariantCulture, $"{path}[{(i < oldAt ? i : j)}]"),
                    i < oldAt ? old[i] : null, j < nowAt ? now[j] : null, changes);
            }

            (i, j) = (oldAt + 1, nowAt + 1);
        }
    }

    // Null unless every entry has a name of its own.
    private static Dictionary<string, JsonNode>? Named(JsonArray list)
    {
        var named = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        return list.All(entry => entry is JsonObject fields && NameOf(fields) is { } name && named.TryAdd(name, fields)) ? named : null;
    }

    public static string? NameOf(JsonObject fields)
        => NameFields.Select(field => fields[field]).OfType<JsonValue>()
            .Select(value => value.TryGetValue<string>(out var text) ? text : null)
            .FirstOrDefault();

    private static string[] Texts(JsonArray list) => [.. list.Select(entry => entry?.ToJsonString() ?? "null")];

    private static JsonArray Names(IEnumerable<string> names) => new([.. names.Select(name => (JsonNode)name)]);
}
