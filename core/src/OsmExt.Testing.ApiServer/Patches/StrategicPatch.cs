using System.Text.Json;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Structures;

namespace OsmExt.Testing.ApiServer.Patches;

/// <summary>Strategic merge patches: merge patches that know by which key the items of lists belong together, with the directives that kubectl writes.</summary>
internal static class StrategicPatch
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string ElementOrder = "$setElementOrder/";
    private const string FromPrimitives = "$deleteFromPrimitiveList/";

    /// <param name="document">What is patched; stays as it is.</param>
    /// <param name="patch">What is to be different.</param>
    /// <param name="structure">Of the document.</param>
    /// <exception cref="Refusal">The patch does not fit.</exception>
    public static JsonObject Apply(JsonObject document, JsonObject patch, Structure structure)
    {
        if (patch.TryGetPropertyValue(Directive, out var directive))
        {
            switch (Word(directive))
            {
                case "replace":
                    return Value(patch, structure);
                case "delete":
                    return [];
                case "merge":
                    break;
                case var other:
                    throw Refusal.BadRequest($"Unknown patch type: {other}");
            }
        }

        var result = document.DeepClone().AsObject();
        Retain(result, patch);
        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(FromPrimitives, StringComparison.Ordinal))
            {
                var list = name[FromPrimitives.Length..];
                if (result[list] is JsonArray values)
                {
                    result[list] = StrategicList.Without(values, value as JsonArray ?? []);
                }
            }
        }

        foreach (var (name, value) in patch.Where(field => !field.Key.StartsWith('$')))
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = Merged(result[name], value, structure.Field(name));
            }
        }

        foreach (var (name, value) in patch.Where(field => field.Key.StartsWith(ElementOrder, StringComparison.Ordinal)))
        {
            var list = name[ElementOrder.Length..];
            if (result[list] is JsonArray items && value is JsonArray order)
            {
                result[list] = StrategicList.Ordered(items, document[list] as JsonArray ?? [], order, structure.Field(list).MergeKey, list);
            }
        }

        return result;
    }

    /// <summary>A part of a patch as a value: without directives, and without what it would remove.</summary>
    public static JsonNode? Value(JsonNode? patch, Structure structure) => patch switch
    {
        JsonObject map => Value(map, structure),
        JsonArray list when structure.MergesItems => StrategicList.Merged([], list, structure),
        _ => patch?.DeepClone(),
    };

    public static string Word(JsonNode? directive) => directive?.GetValueKind() == JsonValueKind.String ? directive.GetValue<string>() : "";

    private static JsonObject Value(JsonObject patch, Structure structure)
        => new(patch.Where(field => field.Value is not null && !field.Key.StartsWith('$')).Select(field => KeyValuePair.Create(field.Key, Value(field.Value, structure.Field(field.Key)))));

    private static JsonNode? Merged(JsonNode? old, JsonNode value, Structure structure) => (old, value) switch
    {
        (JsonObject map, JsonObject changes) when !structure.IsReplaced => Apply(map, changes, structure),
        (JsonArray list, JsonArray changes) when structure.MergesItems => StrategicList.Merged(list, changes, structure),
        (_, JsonObject changes) when Word(changes[Directive]) == "delete" => new JsonObject(),
        _ => Value(value, structure),
    };

    private static void Retain(JsonObject document, JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(RetainKeys, out var retained))
        {
            return;
        }

        var kept = (retained as JsonArray ?? throw Refusal.BadRequest("$retainKeys is a list of names")).Select(Word).ToHashSet(StringComparer.Ordinal);
        if (patch.FirstOrDefault(field => field.Value is not null && !field.Key.StartsWith('$') && !kept.Contains(field.Key)).Key is { } missing)
        {
            throw Refusal.BadRequest($"{RetainKeys} must have all names that the patch sets, and {missing} is not among them");
        }

        foreach (var name in document.Select(field => field.Key).Where(name => !kept.Contains(name)).ToArray())
        {
            document.Remove(name);
        }
    }
}
