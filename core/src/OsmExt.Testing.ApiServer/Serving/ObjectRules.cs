using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Apply;
using OsmExt.Testing.ApiServer.Patches;
using OsmExt.Testing.ApiServer.Schemas;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>The rules the server goes by.</summary>
internal sealed class ObjectRules(TimeProvider clock) : IObjectRules
{
    public JsonObject Patch(WriteRequest write, string mediaType, JsonNode? patch, JsonObject? current) => ObjectPatch.Of(write, mediaType, patch, current, clock.GetUtcNow());

    public JsonObject Decode(WriteRequest write, JsonObject sent) => write.Kind.Custom?.Schema is { } schema ? CustomSchemas.Decode(write, sent, schema) : sent;

    public Task<JsonObject> MutateAsync(WriteRequest write, JsonObject? old, JsonObject value, StoreState state, CancellationToken stop) => Task.FromResult(value);

    public JsonObject Own(WriteRequest write, JsonObject? old, JsonObject value, DateTimeOffset now) => write.IsApply ? value
        : ServerSideApply.Update(old, value, ObjectPatch.StructureOf(write), ObjectPatch.OwnerOf(write, isApply: false), now, ObjectPatch.NotWritten(write));

    public void Validate(WriteRequest write, JsonObject? old, JsonObject value)
    {
        if (write.Kind.Custom is not null)
        {
            CustomSchemas.Validate(write, old, value);
        }
        else if (write.Kind.GroupResource == KindTable.Definitions && DefinitionCheck.Of(value) is { Count: > 0 } errors)
        {
            throw Refusal.Invalid(write.Kind.Group, write.Kind.Kind, value.Name(), errors);
        }
    }

    public Task ReviewAsync(WriteRequest write, JsonObject? old, JsonObject? value, StoreState state, CancellationToken stop) => Task.CompletedTask;

    public Task<JsonObject> ConvertAsync(ResourceKind to, JsonObject value, CancellationToken stop)
        => Task.FromResult(value.Text("apiVersion") == to.ApiVersion ? value : value.With(("apiVersion", to.ApiVersion)));

    public string? Authorize(AccessAttributes access, StoreState state) => access.Caller == Caller.Anonymous ? "" : null;
}
