using System.Globalization;
using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Apply;

/// <summary>Who wrote fields, and how.</summary>
/// <param name="Name">What it calls itself.</param>
/// <param name="IsApply">Whether it applies, and so removes what it does not name any more.</param>
/// <param name="Version">The version of the API it writes in.</param>
/// <param name="Subresource">The subresource it writes through; empty for the object itself.</param>
internal sealed record OwnerKey(string Name, bool IsApply, string Version, string Subresource = "");

/// <summary>An entry of <c>metadata.managedFields</c>.</summary>
internal sealed record FieldOwner(OwnerKey Key, FieldTree Fields, string Time)
{
    /// <exception cref="Refusal">An entry cannot be read.</exception>
    public static IReadOnlyList<FieldOwner> Read(JsonNode? managedFields) => managedFields is JsonArray list ? [.. list.Select(entry => Of(entry!.AsObject()))] : [];

    public static JsonArray Write(IEnumerable<FieldOwner> owners) => new([.. owners
        .OrderBy(owner => !owner.Key.IsApply).ThenBy(owner => owner.Time, StringComparer.Ordinal).ThenBy(owner => owner.Key.Name, StringComparer.Ordinal).Select(owner => owner.ToJson())]);

    public static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static FieldOwner Of(JsonObject entry) => new(
        new(Text(entry, "manager"), Text(entry, "operation") switch
        {
            "Apply" => true,
            "Update" => false,
            var other => throw Refusal.BadRequest($"metadata.managedFields: operation must be Apply or Update, not \"{other}\""),
        }, Text(entry, "apiVersion"), Text(entry, "subresource")),
        entry["fieldsV1"] is { } fields ? FieldTree.Read(fields) : FieldTree.Empty, Text(entry, "time"));

    private static string Text(JsonObject entry, string field) => entry[field]?.GetValue<string>() ?? "";

    private JsonObject ToJson()
    {
        var result = new JsonObject { ["manager"] = Key.Name, ["operation"] = Key.IsApply ? "Apply" : "Update", ["apiVersion"] = Key.Version };
        if (Time.Length > 0)
        {
            result["time"] = Time;
        }

        result["fieldsType"] = "FieldsV1";
        result["fieldsV1"] = Fields.ToJson();
        if (Key.Subresource.Length > 0)
        {
            result["subresource"] = Key.Subresource;
        }

        return result;
    }
}
