using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Apply;
using OsmExt.Testing.ApiServer.Schemas;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Structures;

namespace OsmExt.Testing.ApiServer.Patches;

/// <summary>What a patch makes of an object, by its media type.</summary>
internal static class ObjectPatch
{
    public const string Json = "application/json-patch+json";
    public const string Merge = "application/merge-patch+json";
    public const string Strategic = "application/strategic-merge-patch+json";
    public const string Apply = "application/apply-patch+yaml";

    // The status is written through its own address only, and there nothing else is.
    private static readonly FieldTree Status = FieldTree.Read(JsonNode.Parse("""{"f:status":{}}"""));
    private static readonly FieldTree NotStatus = FieldTree.Read(JsonNode.Parse("""{"f:spec":{},"f:metadata":{},"f:data":{}}"""));

    public static JsonObject Of(WriteRequest write, string mediaType, JsonNode? patch, JsonObject? current, DateTimeOffset now)
    {
        switch (mediaType)
        {
            case Apply:
                return Applied(write, patch as JsonObject ?? throw Refusal.BadRequest("error decoding YAML: an object is expected"), current, now);
            case Json:
                return JsonPatch.Apply(current, patch) as JsonObject ?? throw Refusal.BadRequest("the patch leaves no object");
            case Merge:
                return (JsonObject)MergePatch.Apply(current, Fields(patch))!;
            case Strategic when write.Kind.Custom is null:
                return StrategicPatch.Apply(current ?? [], Fields(patch), StructureOf(write));
            default:
                throw Refusals.UnsupportedMediaType(mediaType, string.Join(", ", write.Kind.Custom is null ? [Json, Merge, Strategic, Apply] : new[] { Json, Merge, Apply }));
        }
    }

    /// <summary>How objects of the kind are put together.</summary>
    public static Structure StructureOf(WriteRequest write)
    {
        var kind = write.Kind;
        return kind.Custom is { } custom ? new SchemaStructure(custom.Schema ?? []) : BuiltInStructures.Of(kind.Group.Length == 0 ? kind.Kind : $"{kind.Group}/{kind.Kind}");
    }

    public static OwnerKey OwnerOf(WriteRequest write, bool isApply) => new(write.FieldManager, isApply, write.Kind.ApiVersion, write.Subresource);

    /// <summary>What cannot be written through the address of the request.</summary>
    public static FieldTree NotWritten(WriteRequest write) => write.Subresource == "status" ? NotStatus : write.Kind.Has("status") ? Status : FieldTree.Empty;

    private static JsonObject Applied(WriteRequest write, JsonObject patch, JsonObject? current, DateTimeOffset now)
    {
        if (!write.HasFieldManager)
        {
            throw Refusal.Invalid("meta.k8s.io", "PatchOptions", "", [FieldError.Required("fieldManager", "is required for apply patch")]);
        }

        if ((patch["apiVersion"]?.GetValue<string>(), patch["kind"]?.GetValue<string>()) is var (version, kind) && (version != write.Kind.ApiVersion || kind != write.Kind.Kind))
        {
            throw Refusal.BadRequest($"the API version in the data ({version}, Kind={kind}) does not match the expected API version ({write.Kind.ApiVersion}, Kind={write.Kind.Kind})");
        }

        var structure = StructureOf(write);
        var result = ServerSideApply.Apply(current, patch, structure, OwnerOf(write, isApply: true), write.Force, now, NotWritten(write), LastApplied.Fields(current, structure, write.FieldManager));
        return LastApplied.Noted(result, current, patch, write.FieldManager);
    }

    private static JsonObject Fields(JsonNode? patch) => patch as JsonObject ?? throw Refusal.BadRequest("error decoding patch: an object is expected");
}
