using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Patches;

/// <summary>JSON merge patches (RFC 7386): what a patch names is set, null removes, and lists are replaced.</summary>
internal static class MergePatch
{
    /// <param name="document">What is patched; stays as it is.</param>
    /// <param name="patch">What is to be different.</param>
    public static JsonNode? Apply(JsonNode? document, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var result = document is JsonObject map ? map.DeepClone().AsObject() : [];
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = Apply(result[name], value);
            }
        }

        return result;
    }

    /// <summary>The smallest patch that leads from one document to another.</summary>
    public static JsonObject Between(JsonObject from, JsonObject to)
    {
        var result = new JsonObject();
        foreach (var name in from.Select(field => field.Key).Where(name => !to.ContainsKey(name)))
        {
            result[name] = null;
        }

        foreach (var (name, value) in to.Where(field => !JsonNode.DeepEquals(field.Value, from[field.Key])))
        {
            result[name] = value is JsonObject inner && from[name] is JsonObject outer ? Between(outer, inner) : value?.DeepClone();
        }

        return result;
    }
}
