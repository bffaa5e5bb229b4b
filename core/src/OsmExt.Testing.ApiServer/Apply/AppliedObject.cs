using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Structures;

namespace OsmExt.Testing.ApiServer.Apply;

/// <summary>Values put together from what several people apply.</summary>
internal static class AppliedObject
{
    /// <summary>What is live, with what is applied in it.</summary>
    public static JsonNode? Merged(JsonNode? live, JsonNode? applied, Structure structure)
    {
        switch (live, applied)
        {
            case (JsonObject before, JsonObject change) when !structure.IsAtomicMap:
                var map = before.DeepClone().AsObject();
                foreach (var (name, value) in change)
                {
                    map[name] = Merged(before[name], value, structure.Field(name));
                }

                return map;
            case (JsonArray before, JsonArray change) when Elements.IsAssociative(before, structure) && Elements.IsAssociative(change, structure):
                return Merged(before, change, structure);
            default:
                return applied?.DeepClone();
        }
    }

    /// <summary>The value without the fields; what is empty then, and was not before, stays only when somebody owns it.</summary>
    public static JsonNode? Without(JsonNode? value, FieldTree fields, Structure structure)
    {
        switch (value)
        {
            case JsonObject map when !structure.IsAtomicMap:
                var result = new JsonObject();
                foreach (var (name, inner) in map)
                {
                    var child = fields.Child(Elements.Field(name));
                    if (child.IsMember)
                    {
                        continue;
                    }

                    var kept = child.IsEmpty ? inner?.DeepClone() : Without(inner, child, structure.Field(name));
                    if (child.IsEmpty || !IsEmptied(inner, kept))
                    {
                        result[name] = kept;
                    }
                }

                return result;
            case JsonArray list when Elements.IsAssociative(list, structure):
                return new JsonArray([.. list.Select(item => (item, child: fields.Child(Elements.Item(item, structure)))).Where(item => !item.child.IsMember)
                    .Select(item => item.child.IsEmpty ? item.item?.DeepClone() : WithKeys(Without(item.item, item.child, structure.Item), item.item, structure))]);
            default:
                return value?.DeepClone();
        }
    }

    // What tells an item from others stays as long as the item does.
    private static JsonNode? WithKeys(JsonNode? value, JsonNode? before, Structure structure)
    {
        if (value is JsonObject map && before is JsonObject whole)
        {
            foreach (var key in structure.Keys.Where(key => whole[key] is not null && map[key] is null))
            {
                map[key] = whole[key]!.DeepClone();
            }
        }

        return value;
    }

    private static bool IsEmptied(JsonNode? before, JsonNode? after) => (before, after) switch
    {
        (JsonObject { Count: > 0 }, JsonObject { Count: 0 }) or (JsonArray { Count: > 0 }, JsonArray { Count: 0 }) => true,
        _ => false,
    };

    // The order is that of what is applied; what it does not name stays behind what it was behind.
    private static JsonArray Merged(JsonArray before, JsonArray change, Structure structure)
    {
        var live = Elements.Items(before, structure, "", strict: false);
        var applied = Elements.Items(change, structure, "", strict: true);
        var result = new JsonArray();
        var done = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Queue<KeyValuePair<string, JsonNode?>>(applied);
        foreach (var (key, value) in live)
        {
            if (!applied.ContainsKey(key))
            {
                result.Add(value?.DeepClone());
                continue;
            }

            while (!done.Contains(key))
            {
                Take(waiting.Dequeue());
            }
        }

        while (waiting.TryDequeue(out var item))
        {
            Take(item);
        }

        return result;

        void Take(KeyValuePair<string, JsonNode?> item)
        {
            done.Add(item.Key);
            result.Add(live.TryGetValue(item.Key, out var value) ? Merged(value, item.Value, structure.Item) : item.Value?.DeepClone());
        }
    }
}
