using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OsmExt.Yaml;

/// <summary>
/// Prints a JSON-like tree as YAML that every YAML reader, old or new, takes for the same tree: what could be mistaken for something
/// else is quoted, texts of several lines are block scalars. Equal trees give equal text; mappings keep their order.
/// </summary>
internal static class YamlWriter
{
    private const int Step = 2;

    // YAML reads no longer key unless it is announced.
    private const int LongestPlainKey = 1000;

    /// <summary>One document, ending with a newline.</summary>
    public static string Write(JsonNode? node)
    {
        var output = new StringBuilder();
        WriteNode(output, node, indent: 0, inline: true);
        return output.ToString();
    }

    // Inline: the caret stands where a value may begin, after "key:", "-" or at the start of the text.
    private static void WriteNode(StringBuilder output, JsonNode? node, int indent, bool inline)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } mapping:
                WriteMapping(output, mapping, indent, inline);
                break;
            case JsonArray { Count: > 0 } list:
                WriteList(output, list, indent, inline);
                break;
            default:
                output.Append(ScalarOf(node, indent)).Append('\n');
                break;
        }
    }

    private static void WriteMapping(StringBuilder output, JsonObject mapping, int indent, bool inline)
    {
        foreach (var (key, value) in mapping)
        {
            if (!inline)
            {
                output.Append(' ', indent);
            }

            inline = false;
            var name = YamlQuoting.SingleLine(key);
            if (name.Length > LongestPlainKey)
            {
                output.Append("? ").Append(name).Append('\n').Append(' ', indent).Append(':');
            }
            else
            {
                output.Append(name).Append(':');
            }

            WriteAfterKey(output, value, indent);
        }
    }

    private static void WriteAfterKey(StringBuilder output, JsonNode? value, int indent)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 }:
                output.Append('\n');
                WriteNode(output, value, indent + Step, inline: false);
                break;
            case JsonArray { Count: > 0 }:
                output.Append('\n');
                WriteNode(output, value, indent, inline: false);
                break;
            default:
                output.Append(' ');
                WriteNode(output, value, indent + Step, inline: true);
                break;
        }
    }

    private static void WriteList(StringBuilder output, JsonArray list, int indent, bool inline)
    {
        foreach (var item in list)
        {
            if (!inline)
            {
                output.Append(' ', indent);
            }

            inline = false;
            output.Append("- ");
            WriteNode(output, item, indent + Step, inline: true);
        }
    }

    private static string ScalarOf(JsonNode? node, int indent) => node switch
    {
        null => "null",
        JsonObject => "{}",
        JsonArray => "[]",
        _ when node.GetValueKind() == JsonValueKind.String => YamlQuoting.Text(node.GetValue<string>(), Math.Max(indent, Step)),
        _ when node.GetValueKind() == JsonValueKind.Number => Number(node.ToJsonString()),
        _ => node.ToJsonString(),
    };

    // Older YAML takes 1E+22 for a text: it wants a fraction.
    private static string Number(string text)
        => text.IndexOf('E', StringComparison.OrdinalIgnoreCase) is > 0 and var at && !text.Contains('.', StringComparison.Ordinal)
            ? text.Insert(at, ".0") : text;
}
