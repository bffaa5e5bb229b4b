using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Defaults;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>Makes and changes objects: rules and webhooks in Kubernetes' order, then the store, which takes only what was made of what it has.</summary>
internal sealed class ObjectWriter(ObjectStore store, IObjectRules rules, Identifiers identifiers, TimeProvider clock)
{
    private const int Tries = 20;

    public ObjectStore Store => store;

    public IObjectRules Rules => rules;

    public DateTimeOffset Now => clock.GetUtcNow();

    public async Task<JsonObject> CreateAsync(WriteRequest write, JsonObject sent, CancellationToken stop)
    {
        var kind = write.Kind;
        if (kind.CreateOnly)
        {
            return rules.Answer(write, sent.With(("kind", kind.Kind), ("apiVersion", kind.ApiVersion)), store.State) ?? throw Refusals.MethodNotAllowed();
        }

        var value = Named(write, sent);
        value = BuiltInDefaults.Applied(kind, Strategy.Begin(write, rules.Decode(write, value), identifiers.NewUid(), Now));
        if (kind.Namespaced)
        {
            RequireLiving(write);
        }

        value = rules.Own(write, null, value, Now);
        value = await rules.MutateAsync(write, null, value, store.State, stop).ConfigureAwait(false);
        value = BuiltInDefaults.Applied(kind, value);
        for (var attempt = 1; ; attempt++)
        {
            var generated = value.Name().Length == 0;
            var named = generated ? value.WithMetadata(("name", identifiers.NewName(value.Metadata().Text("generateName") ?? ""))) : value;
            named = Beginnings.Of(kind, named, store.State);
            MetadataRules.Check(kind, named);
            rules.Validate(write, null, named);
            await rules.ReviewAsync(write, null, named, store.State, stop).ConfigureAwait(false);
            var name = new ObjectName(write.Namespace, named.Name());
            if (write.DryRun)
            {
                return store.State.Find(kind.GroupResource, name) is null ? named : throw Refusals.AlreadyExists(kind, named.Name());
            }

            if (store.Put(kind.GroupResource, name, null, await StoredFormAsync(kind, named, stop).ConfigureAwait(false)) is { } stored)
            {
                return await ServedFormAsync(kind, stored, stop).ConfigureAwait(false);
            }

            if (!generated || attempt == Tries)
            {
                throw Refusals.AlreadyExists(kind, named.Name());
            }
        }
    }

    /// <summary>Changes an object to what is made of its current state, again when somebody else was faster and the writer did not say which state they saw.</summary>
    public async Task<JsonObject> UpdateAsync(WriteRequest write, Func<JsonObject, JsonObject> change, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            var seen = store.State.Find(write.Kind.GroupResource, write.ObjectName) ?? throw Refusals.NotFound(write.Kind, write.Name);
            var current = await ServedFormAsync(write.Kind, seen, stop).ConfigureAwait(false);
            var wanted = change(current);
            RequireSame(write, current, wanted);
            var next = await NextAsync(write, current, wanted, stop).ConfigureAwait(false);
            if (write.DryRun || IsSame(current, next))
            {
                return write.DryRun ? next : current;
            }

            var stored = await StoredFormAsync(write.Kind, next, stop).ConfigureAwait(false);
            var done = IsOver(next) ? Ended(seen, stored) : store.Put(write.Kind.GroupResource, write.ObjectName, seen, stored);
            if (done is not null)
            {
                return await ServedFormAsync(write.Kind, done, stop).ConfigureAwait(false);
            }

            // A writer who named a version is refused when the next attempt sees another one.
            if (attempt == Tries)
            {
                throw Refusals.Changed(write.Kind, write.Name);
            }
        }
    }

    /// <summary>What is stored, in the version that was asked for.</summary>
    public Task<JsonObject> ServedFormAsync(ResourceKind kind, StoredObject stored, CancellationToken stop)
        => stored.Object.Text("apiVersion") == kind.ApiVersion ? Task.FromResult(stored.Object)
            : kind.Custom is null ? Task.FromResult(EventForms.Convert(stored.Object, kind.ApiVersion)) : rules.ConvertAsync(kind, stored.Object, stop);

    private Task<JsonObject> StoredFormAsync(ResourceKind kind, JsonObject value, CancellationToken stop)
        => kind.ApiVersion == kind.StorageApiVersion ? Task.FromResult(value)
            : kind.Custom is null ? Task.FromResult(EventForms.Convert(value, kind.StorageApiVersion)) : rules.ConvertAsync(kind with { Version = kind.StorageVersion }, value, stop);

    private async Task<JsonObject> NextAsync(WriteRequest write, JsonObject current, JsonObject wanted, CancellationToken stop)
    {
        var next = BuiltInDefaults.Applied(write.Kind, Strategy.Next(write, current, rules.Decode(write, wanted)));
        next = rules.Own(write, current, next, Now);
        next = await rules.MutateAsync(write, current, next, store.State, stop).ConfigureAwait(false);
        next = Kept.From(write.Kind, current, BuiltInDefaults.Applied(write.Kind, Strategy.Next(write, current, next)), write.Subresource);
        MetadataRules.Check(write.Kind, next);
        rules.Validate(write, current, next);
        await rules.ReviewAsync(write, current, next, store.State, stop).ConfigureAwait(false);
        return next;
    }

    private static JsonObject Named(WriteRequest write, JsonObject sent)
    {
        var metadata = sent.Metadata();
        var (kind, version) = (sent.Text("kind") ?? write.Kind.Kind, sent.Text("apiVersion") ?? write.Kind.ApiVersion);
        if (kind != write.Kind.Kind || version != write.Kind.ApiVersion)
        {
            throw Refusal.BadRequest($"the API version in the data ({version}, Kind={kind}) does not match the expected API version ({write.Kind.ApiVersion}, Kind={write.Kind.Kind})");
        }

        if (metadata.Text("namespace") is { Length: > 0 } space && write.Kind.Namespaced && space != write.Namespace)
        {
            throw Refusal.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        if (metadata.Text("name") is not { Length: > 0 } && metadata.Text("generateName") is not { Length: > 0 })
        {
            throw Refusal.Invalid(write.Kind.Group, write.Kind.Kind, "", [FieldError.Required("metadata.name", "name or generateName is required")]);
        }

        return sent.With(("kind", kind), ("apiVersion", version));
    }

    private void RequireLiving(WriteRequest write)
    {
        var spaces = store.Kinds.At("", "v1", "namespaces")!;
        var space = store.State.Find(spaces.GroupResource, new("", write.Namespace)) ?? throw Refusals.NotFound(spaces, write.Namespace);
        if (space.Object.Metadata().Text("deletionTimestamp") is not null && write.Kind.Plural != "events")
        {
            throw Refusals.Forbidden(
                $"{write.Kind.GroupResource} \"{write.Name}\" is forbidden: unable to create new content in namespace {write.Namespace} because it is being terminated");
        }
    }

    private static void RequireSame(WriteRequest write, JsonObject current, JsonObject wanted)
    {
        var (before, metadata) = (current.Metadata(), wanted.Metadata());
        if (metadata.Text("name") is { } name && name != write.Name)
        {
            throw Refusal.BadRequest($"the name of the object ({name}) does not match the name on the URL ({write.Name})");
        }

        if (metadata.Text("uid") is { Length: > 0 } uid && uid != before.Text("uid"))
        {
            throw Refusals.Conflict(write.Kind, write.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {before.Text("uid")}");
        }

        if (metadata.Text("resourceVersion") is { Length: > 0 } version && version != before.Text("resourceVersion"))
        {
            throw Refusals.Changed(write.Kind, write.Name);
        }
    }

    private static bool IsSame(JsonObject current, JsonObject next) => JsonNode.DeepEquals(Untimed(current), Untimed(next));

    // Who wrote a field when is no change of an object.
    private static JsonObject Untimed(JsonObject value)
    {
        var copy = value.Copy();
        foreach (var entry in copy.Metadata().Objects("managedFields"))
        {
            entry.Remove("time");
        }

        return copy;
    }

    private static bool IsOver(JsonObject next)
    {
        var metadata = next.Metadata();
        return metadata.Text("deletionTimestamp") is not null && metadata.List("finalizers") is null or { Count: 0 } && (metadata.Number("deletionGracePeriodSeconds") ?? 0) == 0
            && (next.Text("kind") != "Namespace" || next.Object("spec")?.List("finalizers") is null or { Count: 0 });
    }

    // The last words of an object are in its deletion.
    private StoredObject? Ended(StoredObject seen, JsonObject last) => store.Delete(seen with { Object = last });
}
