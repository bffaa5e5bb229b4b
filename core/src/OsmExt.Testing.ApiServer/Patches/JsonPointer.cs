using System.Globalization;
using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Patches;

/// <summary>Where in a document something is (RFC 6901).</summary>
/// <param name="Text">As it is written; empty for the whole document.</param>
internal readonly record struct JsonPointer(string Text)
{
    /// <exception cref="Refusal">It is no pointer.</exception>
    public IReadOnlyList<string> Parts
    {
        get
        {
            if (Text.Length == 0)
            {
                return [];
            }

            return Text[0] == '/' ? [.. Text.Split('/').Skip(1).Select(Unescaped)] : throw Refusal.BadRequest($"error decoding patch: \"{Text}\" is no JSON pointer: it does not begin with '/'");
        }
    }

    public JsonPointer Add(string name) => new($"{Text}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}");

    public JsonPointer Add(int index) => new($"{Text}/{index.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>What is there; null where nothing is, and where null is.</summary>
    /// <param name="found">Whether something is there.</param>
    public JsonNode? Of(JsonNode? document, out bool found)
    {
        var current = document;
        found = true;
        foreach (var part in Parts)
        {
            found = current switch
            {
                JsonObject map => map.TryGetPropertyValue(part, out current),
                JsonArray list when Index(part, list.Count) is { } index => (current = list[index]) is var _,
                _ => false,
            };
            if (!found)
            {
                return null;
            }
        }

        return current;
    }

    /// <summary>The index of an item that is there; null for none. Numbers are written in one way only.</summary>
    public static int? Index(string part, int count)
        => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < count && (part.Length == 1 || part[0] != '0') ? index : null;

    private static string Unescaped(string part) => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
