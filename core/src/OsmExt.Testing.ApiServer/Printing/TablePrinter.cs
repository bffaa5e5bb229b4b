using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Printing;

/// <summary>Makes the tables <c>kubectl get</c> prints.</summary>
internal static class TablePrinter
{
    public static JsonObject Print(ResourceKind kind, IEnumerable<JsonObject> values, JsonObject metadata, string version, bool withObjects, DateTimeOffset now)
    {
        var columns = Columns(kind);
        return new()
        {
            ["kind"] = "Table",
            ["apiVersion"] = $"meta.k8s.io/{version}",
            ["metadata"] = metadata,
            ["columnDefinitions"] = new JsonArray([.. columns.Select(column => column.ToJson())]),
            ["rows"] = new JsonArray([.. values.Select(value => new JsonObject
            {
                ["cells"] = new JsonArray([.. columns.Select(column => column.Cell(value, now))]),
                ["object"] = withObjects ? value.Copy() : Rendering.PartialMetadata(value, version),
            })]),
        };
    }

    private static IReadOnlyList<Column> Columns(ResourceKind kind)
        => kind.Custom is { } custom ? CustomColumns.Of(custom) : BuiltInColumns.Of(kind.GroupResource);
}
