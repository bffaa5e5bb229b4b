using System.Globalization;
using System.Text.Json.Nodes;

namespace OsmExt.Kubernetes.Tests.Injection;

/// <summary>Applies a JSON Patch as RFC 6902 says, as far as additions, removals and replacements go.</summary>
internal static class JsonPatches
{
    public static JsonNode Apply(JsonNode document, JsonArray patch)
    {
        var result = document.DeepClone();
        foreach (var operation in patch.Select(item => item!.AsObject()))
        {
            var path = ((string)operation["path"]!).Split('/')[1..].Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
            var parent = path[..^1].Aggregate(result, (node, part) => node is JsonArray list ? list[Index(part)]! : node[part]!);
            Apply(parent, path[^1], (string)operation["op"]!, operation["value"]?.DeepClone());
        }

        return result;
    }

    private static void Apply(JsonNode parent, string last, string operation, JsonNode? value)
    {
        switch (parent, operation)
        {
            case (JsonArray list, "add"):
                list.Insert(Index(last), value);
                break;
            case (JsonArray list, "replace"):
                list[Index(last)] = value;
                break;
            case (JsonArray list, "remove"):
                list.RemoveAt(Index(last));
                break;
            case (JsonObject map, "remove"):
                Assert.True(map.Remove(last));
                break;
            case (JsonObject map, "replace"):
                Assert.True(map.ContainsKey(last));
                map[last] = value;
                break;
            case (JsonObject map, "add"):
                map[last] = value;
                break;
            default:
                Assert.Fail($"no such operation: {operation}");
                break;
        }
    }

    private static int Index(string part) => int.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture);
}
