using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Apply;
using OsmExt.Testing.ApiServer.Patches;
using OsmExt.Testing.ApiServer.Schemas;
using OsmExt.Testing.ApiServer.Storage;
using OsmExt.Testing.ApiServer.Structures;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>The rules the server goes by.</summary>
internal sealed class ObjectRules(TimeProvider clock) : IObjectRules
{
    private static readonly FieldTree SpecOnly = FieldTree.Read(JsonNode.Parse("""{"f:spec":{}}"""));
    private static readonly FieldTree StatusOnly = FieldTree.Read(JsonNode.Parse("""{"f:status":{}}"""));

    public JsonObject Patch(WriteRequest write, string mediaType, JsonNode? patch, JsonObject? current)
    {
        var result = mediaType switch
        {
            PatchTypes.Apply => ServerSideApply.Apply(current, patch as JsonObject ?? throw Refusal.BadRequest("what is applied must be an object"), StructureOf(write.Kind), Owner(write), write.Force, clock.GetUtcNow(), Reset(write)),
            PatchTypes.Json => JsonPatch.Apply(current?.Copy(), patch),
            PatchTypes.Merge => MergePatch.Apply(current?.Copy(), patch),
            PatchTypes.Strategic when write.Kind.Custom is null => StrategicPatch.Apply(
                current ?? [], patch as JsonObject ?? throw Refusal.BadRequest("a strategic merge patch must be an object"), StructureOf(write.Kind)),
            _ => throw Refusals.UnsupportedMediaType(mediaType, string.Join(", ", PatchTypes.Of(write.Kind))),
        };
        return result as JsonObject ?? throw Refusal.BadRequest("the patch makes something that is no object");
    }

    public JsonObject Decode(WriteRequest write, JsonObject sent) => sent;

    public Task<JsonObject> MutateAsync(WriteRequest write, JsonObject? old, JsonObject value, StoreState state, CancellationToken stop) => Task.FromResult(value);

    public JsonObject Own(WriteRequest write, JsonObject? old, JsonObject value, DateTimeOffset now)
        => write.IsApply ? value : ServerSideApply.Update(old, value, StructureOf(write.Kind), Owner(write), now, Reset(write));

    public void Validate(WriteRequest write, JsonObject? old, JsonObject value)
    {
    }

    public Task ReviewAsync(WriteRequest write, JsonObject? old, JsonObject? value, StoreState state, CancellationToken stop) => Task.CompletedTask;

    public Task<JsonObject> ConvertAsync(ResourceKind to, JsonObject value, CancellationToken stop)
        => Task.FromResult(value.Text("apiVersion") == to.ApiVersion ? value : value.With(("apiVersion", to.ApiVersion)));

    public string? Authorize(AccessAttributes access, StoreState state) => access.Caller == Caller.Anonymous ? "" : null;

    private static OwnerKey Owner(WriteRequest write) => new(write.FieldManager, write.IsApply, write.Kind.ApiVersion, write.Subresource);

    // What an address does not write is nobody's through it.
    private static FieldTree Reset(WriteRequest write) => write.Subresource == "status" ? SpecOnly : write.Kind.Has("status") ? StatusOnly : FieldTree.Empty;

    private static Structure StructureOf(ResourceKind kind) => kind.Custom is { } custom
        ? custom.Schema is { } schema ? new SchemaStructure(schema) : Structure.Unknown
        : BuiltInStructures.Of(kind.Group.Length == 0 ? kind.Kind : $"{kind.Group}/{kind.Kind}");
}
