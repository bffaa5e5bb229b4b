using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OsmExt.Testing.ApiServer.Printing;

/// <summary>The part of JSONPath that CustomResourceDefinitions use: fields, numbers of items, all items, and items one of whose fields is something.</summary>
internal static partial class JsonPath
{
    /// <summary>The first value at a path; null when there is none.</summary>
    public static JsonNode? Find(JsonObject value, string path)
    {
        IEnumerable<JsonNode> found = [value];
        foreach (Match step in Step().Matches(path))
        {
            found = Next(found, step).ToList();
        }

        return found.FirstOrDefault();
    }

    private static IEnumerable<JsonNode> Next(IEnumerable<JsonNode> found, Match step)
    {
        var nodes = step switch
        {
            _ when step.Groups["field"].Success => found.Select(node => (node as JsonObject)?[step.Groups["field"].Value.Replace("\\.", ".", StringComparison.Ordinal)]),
            _ when step.Groups["index"].Success => found.Select(node => At(node as JsonArray, int.Parse(step.Groups["index"].Value, CultureInfo.InvariantCulture))),
            _ when step.Groups["all"].Success => found.SelectMany(node => node as JsonArray ?? []),
            _ => found.SelectMany(node => node as JsonArray ?? [])
                .Where(item => item is JsonObject fields && fields[step.Groups["name"].Value]?.ToString() == step.Groups["value"].Value),
        };
        return nodes.OfType<JsonNode>();
    }

    private static JsonNode? At(JsonArray? list, int index)
    {
        var at = index < 0 ? (list?.Count ?? 0) + index : index;
        return list is not null && at >= 0 && at < list.Count ? list[at] : null;
    }

    [GeneratedRegex("""\.(?<field>(?:[A-Za-z0-9_/-]|\\\.)+)|\[['"](?<field>[^'"]+)['"]\]|\[(?<index>-?\d+)\]|\[(?<all>\*)\]|\[\?\(\s*@\.(?<name>[A-Za-z0-9_-]+)\s*==\s*['"]?(?<value>[^'")]*?)['"]?\s*\)\]""")]
    private static partial Regex Step();
}
