using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OsmExt.Yaml;

namespace OsmExt.Cli.Commands;

/// <summary><c>-o table|json|yaml</c>.</summary>
internal sealed class OutputOption
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Option<string> _option = new("--output", "-o") { Description = "The format.", DefaultValueFactory = _ => "table", HelpName = "table|json|yaml" };

    /// <summary>Adds it to a command.</summary>
    public void AddTo(Command command)
    {
        _option.AcceptOnlyFromAmong("table", "json", "yaml");
        command.Options.Add(_option);
    }

    /// <summary>Whether people read it.</summary>
    public bool IsTable(ParseResult parsed) => parsed.GetRequiredValue(_option) == "table";

    /// <summary>A document in the format that is asked for.</summary>
    public string Format(ParseResult parsed, JsonNode document, Func<string> table) => parsed.GetRequiredValue(_option) switch
    {
        "json" => document.ToJsonString(Indented) + "\n",
        "yaml" => YamlWriter.Write(document),
        _ => Terminal.PrintableLines(table()),
    };

    /// <summary>A list of objects; as a table it has a column for each field, named by the header.</summary>
    public string Format(ParseResult parsed, IReadOnlyList<JsonObject> rows, params string[] header)
        => Format(parsed, new JsonArray([.. rows]), () => Table([header, .. rows.Select(row => row.Select(field => Cell(field.Value)).ToArray())]));

    /// <summary>Rows with their columns below each other.</summary>
    public static string Table(IReadOnlyList<string[]> rows)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        rows = [.. rows.Select(row => row.Select(Terminal.Printable).ToArray())];
        foreach (var row in rows)
        {
            text.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(rows.Max(each => each[column].Length)))).TrimEnd());
        }

        return text.ToString();
    }

    /// <summary>A value as a table has it.</summary>
    public static string Cell(JsonNode? value) => value switch
    {
        null => "-",
        JsonArray list => list.Count == 0 ? "-" : string.Join(",", list.Select(item => $"{item}")),
        JsonValue one when one.TryGetValue(out bool flag) => flag ? "yes" : "no",
        _ => $"{value}" is { Length: > 0 } text ? text : "-",
    };
}
