using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Admission;
using OsmExt.Testing.ApiServer.Apply;
using OsmExt.Testing.ApiServer.Authorization;
using OsmExt.Testing.ApiServer.Patches;
using OsmExt.Testing.ApiServer.Schemas;
using OsmExt.Testing.ApiServer.Storage;
using OsmExt.Testing.ApiServer.Types;
using OsmExt.Testing.ApiServer.Versions;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>The rules the server goes by.</summary>
internal sealed class ObjectRules : IObjectRules, IDisposable
{
    private readonly TimeProvider _clock;
    private readonly WebhookClient _client;
    private readonly Webhooks _webhooks;
    private readonly Conversion _conversion;

    public ObjectRules(ObjectStore store, ApiServerOptions options, Identifiers identifiers)
    {
        _clock = options.Clock;
        _client = new((space, name, port) => options.ServiceEndpoint(space, name, port) ?? ServiceEndpoints.Of(space, name, port, store.State), _clock);
        _conversion = new(_client, identifiers.NewUid);
        _webhooks = new(_client, identifiers.NewUid, () => store.Kinds, _conversion.ConvertAsync);
    }

    public JsonObject Patch(WriteRequest write, string mediaType, JsonNode? patch, JsonObject? current) => ObjectPatch.Of(write, mediaType, patch, current, _clock.GetUtcNow());

    public JsonObject Decode(WriteRequest write, JsonObject sent)
    {
        if (write.Kind.Custom?.Schema is { } schema)
        {
            return CustomSchemas.Decode(write, sent, schema);
        }

        if (BuiltInTypes.Of(write.Kind.Group, write.Kind.Version, write.Kind.Kind) is not { } type)
        {
            return sent;
        }

        var (value, unknown) = BuiltInDecoding.Apply(sent, type);
        UnknownFields.Report(write, unknown);
        return value;
    }

    public async Task<JsonObject> MutateAsync(WriteRequest write, JsonObject? old, JsonObject value, StoreState state, CancellationToken stop)
    {
        var changed = await _webhooks.MutateAsync(write, old, value, state, stop).ConfigureAwait(false);

        // What webhooks change is nobody's: whoever applies the same again is not in conflict with them.
        return JsonNode.DeepEquals(changed, value) ? value : Decode(write with { FieldValidation = "Ignore" }, changed).WithMetadata(("managedFields", value.Metadata()["managedFields"]));
    }

    public JsonObject Own(WriteRequest write, JsonObject? old, JsonObject value, DateTimeOffset now) => write.IsApply ? value
        : ServerSideApply.Update(old, value, ObjectPatch.StructureOf(write), ObjectPatch.OwnerOf(write, isApply: false), now, ObjectPatch.NotWritten(write));

    public void Validate(WriteRequest write, JsonObject? old, JsonObject value)
    {
        if (write.Kind.Custom is not null)
        {
            CustomSchemas.Validate(write, old, value);
            return;
        }

        IReadOnlyList<FieldError> errors = write.Kind.GroupResource == KindTable.Definitions ? DefinitionCheck.Of(value) : [.. WorkloadCheck.Of(old, value)];
        if (errors.Count > 0)
        {
            throw Refusal.Invalid(write.Kind.Group, write.Kind.Kind, value.Name(), errors);
        }
    }

    public Task ReviewAsync(WriteRequest write, JsonObject? old, JsonObject? value, StoreState state, CancellationToken stop)
    {
        if (value is not null)
        {
            Escalation.Check(write, old, value, state);
        }

        return _webhooks.ReviewAsync(write, old, value, state, stop);
    }

    public Task<JsonObject> ConvertAsync(ResourceKind to, JsonObject value, CancellationToken stop) => _conversion.ConvertAsync(to, value, stop);

    public string? Authorize(AccessAttributes access, StoreState state) => RoleBasedAccess.Decide(access, state) is { Allowed: false } no ? no.Reason : null;

    public JsonObject? Answer(WriteRequest write, JsonObject question, StoreState state) => AccessReviews.Answer(write, question, state);

    public void Dispose() => _client.Dispose();
}
