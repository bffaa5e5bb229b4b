using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Structures;

namespace OsmExt.Testing.ApiServer.Apply;

/// <summary>What the parts of a value are called in sets of fields.</summary>
internal static class Elements
{
    /// <summary>Whether a list has parts that may belong to different owners.</summary>
    public static bool IsAssociative(JsonArray list, Structure structure) => structure.List switch
    {
        ListKind.Set => true,
        ListKind.Map => list.All(item => item is JsonObject),
        _ => false,
    };

    public static string Field(string name) => $"f:{name}";

    public static string Item(JsonNode? item, Structure structure)
    {
        if (structure.List == ListKind.Set)
        {
            return $"v:{Text(item)}";
        }

        var key = new JsonObject();
        foreach (var name in structure.Keys.Order(StringComparer.Ordinal))
        {
            if ((((JsonObject)item!)[name] ?? structure.Fallback(name)) is { } value)
            {
                key[name] = value.DeepClone();
            }
        }

        return $"k:{Text(key)}";
    }

    private static string Text(JsonNode? value) => FieldError.Word(value, whole: true);

    /// <exception cref="Refusal">Two have the same, or one of an applied list has no key.</exception>
    public static IReadOnlyDictionary<string, JsonNode?> Items(JsonArray list, Structure structure, string path, bool strict)
    {
        var result = new OrderedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        for (var index = 0; index < list.Count; index++)
        {
            if (strict && structure.List == ListKind.Map && structure.Keys.FirstOrDefault(key => list[index]![key] is null && structure.Fallback(key) is null) is { } missing)
            {
                throw Problem(path, $"element {index}: associative list with keys has an element that omits key field \"{missing}\" (and doesn't have default value)");
            }

            if (!result.TryAdd(Item(list[index], structure), list[index]) && strict)
            {
                throw Problem(path, $"duplicate entries for key {FieldError.Word(list[index], whole: true)}");
            }
        }

        return result;
    }

    private static Refusal Problem(string path, string what) => new(500, "InternalError", $"failed to create typed patch object: {(path.Length == 0 ? "." : path)}: {what}");
}
