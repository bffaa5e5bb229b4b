using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Printing;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>Writes objects and lists in the form a client asked for.</summary>
internal static class Rendering
{
    /// <summary>What is in a list beside its items.</summary>
    internal sealed record ListMetadata(long Revision, string Continue = "", long? Remaining = null)
    {
        public JsonObject ToJson()
        {
            var metadata = new JsonObject { ["resourceVersion"] = Revision.ToString(CultureInfo.InvariantCulture) };
            if (Continue.Length > 0)
            {
                metadata["continue"] = Continue;
            }

            if (Remaining is > 0)
            {
                metadata["remainingItemCount"] = Remaining;
            }

            return metadata;
        }
    }

    public static JsonObject One(ResourceKind kind, JsonObject value, ResponseForm form, bool withObjects, DateTimeOffset now) => form.Shape switch
    {
        Shape.Table => TablePrinter.Print(kind, [value], new() { ["resourceVersion"] = value.Metadata()["resourceVersion"]?.DeepClone() }, form.Version, withObjects, now),
        Shape.Metadata => PartialMetadata(value, form.Version),
        _ => value,
    };

    public static JsonObject Many(ResourceKind kind, IEnumerable<JsonObject> values, ListMetadata metadata, ResponseForm form, bool withObjects, DateTimeOffset now) => form.Shape switch
    {
        Shape.Table => TablePrinter.Print(kind, values, metadata.ToJson(), form.Version, withObjects, now),
        Shape.Metadata => List("PartialObjectMetadataList", $"meta.k8s.io/{form.Version}", metadata, values.Select(value => PartialMetadata(value, form.Version))),
        _ => List(kind.ListKind, kind.ApiVersion, metadata, values.Select(value => Item(kind, value))),
    };

    /// <summary>The same of whole objects in the version they are stored in, from what was written of them before.</summary>
    public static byte[] List(ResourceKind kind, IReadOnlyList<StoredObject> items, ListMetadata metadata)
    {
        using var output = new MemoryStream();
        output.Write(Encoding.UTF8.GetBytes($$"""{"kind":"{{kind.ListKind}}","apiVersion":"{{kind.ApiVersion}}","metadata":{{metadata.ToJson().ToJsonString()}},"items":["""));
        for (var index = 0; index < items.Count; index++)
        {
            if (index > 0)
            {
                output.WriteByte((byte)',');
            }

            output.Write(kind.Custom is null ? items[index].Item : items[index].Whole);
        }

        output.Write("]}"u8);
        return output.ToArray();
    }

    public static JsonObject PartialMetadata(JsonObject value, string version)
        => new() { ["kind"] = "PartialObjectMetadata", ["apiVersion"] = $"meta.k8s.io/{version}", ["metadata"] = value.Metadata().Copy() };

    // Items of lists of Kubernetes' own kinds do not say what they are, those of custom ones do.
    private static JsonObject Item(ResourceKind kind, JsonObject value) => kind.Custom is null ? value.With(("kind", null), ("apiVersion", null)) : value.Copy();

    private static JsonObject List(string kind, string apiVersion, ListMetadata metadata, IEnumerable<JsonObject> items)
        => new() { ["kind"] = kind, ["apiVersion"] = apiVersion, ["metadata"] = metadata.ToJson(), ["items"] = new JsonArray([.. items]) };
}
