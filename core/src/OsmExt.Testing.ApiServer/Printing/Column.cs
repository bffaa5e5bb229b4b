using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Printing;

/// <summary>A column: <see cref="Priority"/> above 0 is for wide output only.</summary>
internal sealed record Column(string Name, Func<JsonObject, DateTimeOffset, JsonNode?> Cell)
{
    public static readonly Column ObjectName = new("Name", (value, _) => value.Name()) { Format = "name" };
    public static readonly Column Age = new("Age", (value, now) => AgeOf(value.Metadata().Text("creationTimestamp"), now));

    public string Type { get; init; } = "string";

    public string Format { get; init; } = "";

    public string Description { get; init; } = "";

    public int Priority { get; init; }

    public JsonObject ToJson() => new() { ["name"] = Name, ["type"] = Type, ["format"] = Format, ["description"] = Description, ["priority"] = Priority };

    /// <summary>How long ago a time was, as briefly as kubectl says it.</summary>
    public static string AgeOf(string? timestamp, DateTimeOffset now)
        => DateTimeOffset.TryParse(timestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? Duration(now - time) : "<unknown>";

    public static string Duration(TimeSpan age) => age switch
    {
        { TotalSeconds: < 0 } => "0s",
        { TotalMinutes: < 2 } => $"{(int)age.TotalSeconds}s",
        { TotalMinutes: < 10 } => Two((int)age.TotalMinutes, 'm', age.Seconds, 's'),
        { TotalHours: < 3 } => $"{(int)age.TotalMinutes}m",
        { TotalHours: < 8 } => Two((int)age.TotalHours, 'h', age.Minutes, 'm'),
        { TotalDays: < 2 } => $"{(int)age.TotalHours}h",
        { TotalDays: < 8 } => Two((int)age.TotalDays, 'd', age.Hours, 'h'),
        { TotalDays: < 365 * 2 } => $"{(int)age.TotalDays}d",
        _ => Two((int)age.TotalDays / 365, 'y', (int)age.TotalDays % 365, 'd'),
    };

    private static string Two(int first, char unit, int second, char smaller) => second == 0 ? $"{first}{unit}" : $"{first}{unit}{second}{smaller}";
}
