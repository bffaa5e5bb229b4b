using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Structures;

namespace OsmExt.Testing.ApiServer.Patches;

/// <summary>The lists in strategic merge patches.</summary>
internal static class StrategicList
{
    public static JsonArray Merged(JsonArray list, JsonArray patch, Structure structure)
    {
        if (patch.Any(item => item is JsonObject map && StrategicPatch.Word(map["$patch"]) == "replace"))
        {
            return new([.. patch.Where(item => item is JsonObject map && StrategicPatch.Word(map["$patch"]) != "replace").Select(item => StrategicPatch.Value(item, structure.Item))]);
        }

        return structure.MergeKey.Length == 0 ? Values(list, patch) : Objects(list, patch, structure);
    }

    public static JsonArray Without(JsonArray list, JsonArray removed)
        => new([.. list.Where(value => !removed.Any(other => JsonNode.DeepEquals(value, other))).Select(value => value?.DeepClone())]);

    /// <summary>The items as <c>$setElementOrder</c> wants them; those it does not name stay between the ones they were between.</summary>
    /// <param name="items">After the patch.</param>
    /// <param name="before">Before the patch.</param>
    /// <param name="order">Keys, or values.</param>
    public static JsonArray Ordered(JsonArray items, JsonArray before, JsonArray order, string key, string list)
    {
        var wanted = order.Select(value => Name(value, key, list)).ToList();
        var was = before.Select(value => Name(value, key, list)).ToList();
        var named = items.Where(item => wanted.Contains(Name(item, key, list))).OrderBy(item => wanted.IndexOf(Name(item, key, list))).ToList();
        var others = items.Where(item => !wanted.Contains(Name(item, key, list))).OrderBy(item => was.IndexOf(Name(item, key, list))).ToList();
        var result = new JsonArray();
        var (next, other) = (0, 0);
        while (next < named.Count || other < others.Count)
        {
            // One that the patch does not know goes where it was: before the first named one that it stood before.
            var takesOther = next == named.Count
                || (other < others.Count && was.IndexOf(Name(named[next], key, list)) is >= 0 and var at && was.IndexOf(Name(others[other], key, list)) < at);
            result.Add((takesOther ? others[other++] : named[next++])?.DeepClone());
        }

        return result;
    }

    private static JsonArray Values(JsonArray list, JsonArray patch)
    {
        var result = new JsonArray();
        foreach (var value in list.Concat(patch).Where(value => !result.Any(known => JsonNode.DeepEquals(known, value))))
        {
            result.Add(value?.DeepClone());
        }

        return result;
    }

    private static JsonArray Objects(JsonArray list, JsonArray patch, Structure structure)
    {
        var items = list.Select(item => item?.DeepClone()).ToList();
        foreach (var item in patch)
        {
            var change = item as JsonObject ?? throw Refusal.BadRequest($"expected an object with {structure.MergeKey} in a list that is merged by it");
            var name = Name(change, structure.MergeKey, structure.MergeKey);
            if (StrategicPatch.Word(change["$patch"]) == "delete")
            {
                items.RemoveAll(known => IsNamed(known, name));
            }
            else if (items.FindIndex(known => IsNamed(known, name)) is >= 0 and var at)
            {
                items[at] = StrategicPatch.Apply(items[at]!.AsObject(), change, structure.Item);
            }
            else
            {
                items.Add(StrategicPatch.Value(change, structure.Item));
            }
        }

        return new([.. items]);

        bool IsNamed(JsonNode? known, string name) => known is JsonObject map && map[structure.MergeKey]?.ToJsonString() == name;
    }

    private static string Name(JsonNode? item, string key, string list) => item switch
    {
        JsonObject map when key.Length > 0 => map[key]?.ToJsonString() ?? throw Refusal.BadRequest($"map in {list} does not contain declared merge key: {key}"),
        _ => item?.ToJsonString() ?? "",
    };
}
