using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>
/// Where rules about objects come in, in the order of a write: <see cref="Patch"/> makes the wanted object of the current one, <see cref="Decode"/> prunes and
/// defaults what was sent, <see cref="MutateAsync"/> calls webhooks, <see cref="Own"/> keeps managed fields, <see cref="Validate"/> judges, <see cref="ReviewAsync"/>
/// calls validating webhooks. <see cref="ConvertAsync"/> is between versions of a kind, <see cref="Authorize"/> before everything.
/// None changes its arguments; refusals are thrown.
/// </summary>
internal interface IObjectRules
{
    /// <summary>What a patch of a media type makes of an object; the object is null when server-side apply is to make it.</summary>
    JsonObject Patch(WriteRequest write, string mediaType, JsonNode? patch, JsonObject? current);

    /// <summary>An object as it is taken: without unknown fields (which are warnings or refusals), with defaults.</summary>
    JsonObject Decode(WriteRequest write, JsonObject sent);

    Task<JsonObject> MutateAsync(WriteRequest write, JsonObject? old, JsonObject value, StoreState state, CancellationToken stop);

    /// <summary>The object with its managed fields after a create or an update; server-side apply has done so itself.</summary>
    JsonObject Own(WriteRequest write, JsonObject? old, JsonObject value, DateTimeOffset now);

    void Validate(WriteRequest write, JsonObject? old, JsonObject value);

    /// <summary>For a deletion the value is null.</summary>
    Task ReviewAsync(WriteRequest write, JsonObject? old, JsonObject? value, StoreState state, CancellationToken stop);

    Task<JsonObject> ConvertAsync(ResourceKind to, JsonObject value, CancellationToken stop);

    /// <summary>The answer to what is only asked, like a SubjectAccessReview; null when nobody knows one.</summary>
    JsonObject? Answer(WriteRequest write, JsonObject question, StoreState state);

    /// <summary>Null when the caller may; else why not.</summary>
    string? Authorize(AccessAttributes access, StoreState state);
}

/// <summary>What somebody wants to do, as roles speak of it.</summary>
internal sealed record AccessAttributes(Caller Caller, string Verb)
{
    public string Group { get; init; } = "";

    public string Version { get; init; } = "";

    public string Resource { get; init; } = "";

    public string Subresource { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>For addresses that are no objects: the path.</summary>
    public string? Path { get; init; }
}
