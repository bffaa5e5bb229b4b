using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Structures;

namespace OsmExt.Testing.ApiServer.Apply;

/// <summary>The fields that a value has.</summary>
internal static class FieldsOf
{
    /// <param name="value">The object, or the part of one that is applied.</param>
    /// <param name="strict">Whether lists must be as their structure wants them.</param>
    public static FieldTree Value(JsonNode? value, Structure structure, bool strict = false) => Below(value, structure, "", strict);

    private static FieldTree Below(JsonNode? value, Structure structure, string path, bool strict)
    {
        switch (value)
        {
            case JsonObject map when !structure.IsAtomicMap:
                return FieldTree.Of(path.Length > 0 && map.Count == 0, map.Select(field =>
                    KeyValuePair.Create(Elements.Field(field.Key), Below(field.Value, structure.Field(field.Key), $"{path}.{field.Key}", strict))));
            case JsonArray list when Elements.IsAssociative(list, structure):
                return FieldTree.Of(false, Elements.Items(list, structure, path, strict).Select(item =>
                    KeyValuePair.Create(item.Key, Below(item.Value, structure.Item, $"{path}[]", strict).Union(FieldTree.Leaf))));
            default:
                return FieldTree.Leaf;
        }
    }
}

/// <summary>What is different between two values.</summary>
/// <param name="Removed">What only the first has.</param>
/// <param name="Modified">What both have, and is not the same.</param>
/// <param name="Added">What only the second has.</param>
internal sealed record FieldChanges(FieldTree Removed, FieldTree Modified, FieldTree Added)
{
    public bool IsEmpty => Removed.IsEmpty && Modified.IsEmpty && Added.IsEmpty;

    public FieldTree Written => Modified.Union(Added);

    public static FieldChanges Between(JsonNode? from, JsonNode? to, Structure structure)
    {
        var (before, after) = (FieldsOf.Value(from, structure), FieldsOf.Value(to, structure));
        return new(before.MissingIn(after), Differing(from, to, structure), after.MissingIn(before));
    }

    private static FieldTree Differing(JsonNode? from, JsonNode? to, Structure structure)
    {
        switch (from, to)
        {
            case (JsonObject before, JsonObject after) when !structure.IsAtomicMap:
                return FieldTree.Of(false, after.Where(field => before.ContainsKey(field.Key)).Select(field =>
                    KeyValuePair.Create(Elements.Field(field.Key), Differing(before[field.Key], field.Value, structure.Field(field.Key)))));
            case (JsonArray before, JsonArray after) when Elements.IsAssociative(before, structure) && Elements.IsAssociative(after, structure):
                var known = Elements.Items(before, structure, "", strict: false);
                return FieldTree.Of(false, Elements.Items(after, structure, "", strict: false).Where(item => known.ContainsKey(item.Key)).Select(item =>
                    KeyValuePair.Create(item.Key, Differing(known[item.Key], item.Value, structure.Item))));
            default:
                return JsonNode.DeepEquals(from, to) ? FieldTree.Empty : FieldTree.Leaf;
        }
    }
}
