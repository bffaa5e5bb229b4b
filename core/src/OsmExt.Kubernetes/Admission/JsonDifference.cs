using System.Globalization;
using System.Text.Json.Nodes;

namespace OsmExt.Kubernetes.Admission;

/// <summary>What makes one JSON document out of another, as a JSON Patch (RFC 6902) of additions, removals and replacements.</summary>
internal static class JsonDifference
{
    public static JsonArray Of(JsonNode before, JsonNode after)
    {
        var patch = new JsonArray();
        Compare(before, after, "", patch);
        return patch;
    }

    private static void Compare(JsonNode? before, JsonNode? after, string path, JsonArray patch)
    {
        if (before is JsonObject left && after is JsonObject right)
        {
            Fields(left, right, path, patch);
        }
        else if (before is JsonArray first && after is JsonArray second)
        {
            Items(first, second, path, patch);
        }
        else if (!JsonNode.DeepEquals(before, after))
        {
            Add(patch, "replace", path, after);
        }
    }

    private static void Fields(JsonObject before, JsonObject after, string path, JsonArray patch)
    {
        foreach (var (name, value) in before)
        {
            if (after.TryGetPropertyValue(name, out var now))
            {
                Compare(value, now, $"{path}/{Escape(name)}", patch);
            }
            else
            {
                patch.Add(new JsonObject { ["op"] = "remove", ["path"] = $"{path}/{Escape(name)}" });
            }
        }

        foreach (var (name, value) in after.Where(entry => !before.ContainsKey(entry.Key)))
        {
            Add(patch, "add", $"{path}/{Escape(name)}", value);
        }
    }

    // What is equal at both ends stays. In between items are compared in place as far as both lists go; the rest is added or removed.
    private static void Items(JsonArray before, JsonArray after, string path, JsonArray patch)
    {
        var shorter = Math.Min(before.Count, after.Count);
        var head = 0;
        while (head < shorter && JsonNode.DeepEquals(before[head], after[head]))
        {
            head++;
        }

        var tail = 0;
        while (tail < shorter - head && Same(before[before.Count - 1 - tail], after[after.Count - 1 - tail]))
        {
            tail++;
        }

        var paired = shorter - head - tail;
        for (var i = head; i < head + paired; i++)
        {
            Compare(before[i], after[i], At(path, i), patch);
        }

        for (var i = before.Count - tail - 1; i >= head + paired; i--)
        {
            patch.Add(new JsonObject { ["op"] = "remove", ["path"] = At(path, i) });
        }

        for (var i = head + paired; i < after.Count - tail; i++)
        {
            Add(patch, "add", At(path, i), after[i]);
        }

        for (var i = tail; i > 0; i--)
        {
            Compare(before[^i], after[^i], At(path, after.Count - i), patch);
        }
    }

    // Kubernetes' lists hold things with names: a container that differs is the same container.
    private static bool Same(JsonNode? left, JsonNode? right)
        => JsonNode.DeepEquals(left, right)
            || (left is JsonObject first && right is JsonObject second && first["name"] is { } name && JsonNode.DeepEquals(name, second["name"]));

    private static void Add(JsonArray patch, string operation, string path, JsonNode? value)
        => patch.Add(new JsonObject { ["op"] = operation, ["path"] = path, ["value"] = value?.DeepClone() });

    private static string At(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}/{index}");

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
