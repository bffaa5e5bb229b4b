using System.Text.Json;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Printing;

/// <summary>The columns a CustomResourceDefinition asks for; the age where it asks for none.</summary>
internal static class CustomColumns
{
    public static IReadOnlyList<Column> Of(CustomVersion custom)
    {
        var columns = custom.Version.Objects("additionalPrinterColumns").Select(Read).ToList();
        return columns is [] ? [Column.ObjectName, Column.Age] : [Column.ObjectName, .. columns];
    }

    private static Column Read(JsonObject column)
    {
        var path = column.Text("jsonPath") ?? "";
        var type = column.Text("type") ?? "string";
        return new(column.Text("name") ?? "", (value, now) => Cell(JsonPath.Find(value, path), type, now))
        {
            Type = type,
            Format = column.Text("format") ?? "",
            Description = column.Text("description") ?? "",
            Priority = (int)(column.Number("priority") ?? 0),
        };
    }

    private static JsonNode? Cell(JsonNode? found, string type, DateTimeOffset now) => (type, found) switch
    {
        ("date", JsonValue) => found.AsText() is { } time ? Column.AgeOf(time, now) : null,
        (_, null) => null,
        ("integer" or "number" or "boolean", JsonValue value) when value.GetValueKind() != JsonValueKind.String => value.DeepClone(),
        ("string", JsonValue value) when value.GetValueKind() == JsonValueKind.String => value.DeepClone(),
        ("string", _) => found.ToJsonString(),
        _ => null,
    };
}
