using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Upkeep;

/// <summary>Writes objects for the server itself. That somebody else was faster is no mistake: what is still due then is done next time.</summary>
internal sealed class ServerHand(ObjectWriter writer, ObjectDeleter deleter)
{
    public KindTable Kinds => writer.Store.Kinds;

    public DateTimeOffset Now => writer.Now;

    public async Task CreateAsync(JsonObject value, CancellationToken stop)
    {
        if (Kinds.Named(value.Text("apiVersion") ?? "", value.Text("kind") ?? "") is { } kind)
        {
            await TryAsync(() => writer.CreateAsync(Write(kind, value.Namespace(), value.Name()), value, stop)).ConfigureAwait(false);
        }
    }

    public async Task UpdateAsync(StoredObject stored, Func<JsonObject, JsonObject> change, CancellationToken stop, string subresource = "")
    {
        if (Kinds.Best(stored.Resource) is { } kind)
        {
            await TryAsync(() => writer.UpdateAsync(Write(kind, stored.Name.Namespace, stored.Name.Name) with { Subresource = subresource }, change, stop)).ConfigureAwait(false);
        }
    }

    public async Task DeleteAsync(StoredObject stored, string propagation, CancellationToken stop, long? grace = null)
    {
        if (Kinds.Best(stored.Resource) is { } kind)
        {
            var options = new DeleteOptions(stored.Object.Uid(), null, propagation, grace);
            await TryAsync(() => deleter.DeleteAsync(Write(kind, stored.Name.Namespace, stored.Name.Name), options, stop)).ConfigureAwait(false);
        }
    }

    /// <summary>Removes a finalizer, with which the last reason to keep the object may be gone.</summary>
    public Task ReleaseAsync(StoredObject stored, string finalizer, CancellationToken stop) => UpdateAsync(
        stored, value => value.WithMetadata(("finalizers", new JsonArray([.. value.Metadata().Texts("finalizers").Where(name => name != finalizer).Select(name => (JsonNode)name)]))), stop);

    private static WriteRequest Write(ResourceKind kind, string @namespace, string name) => new(Caller.Server, kind, @namespace, name) { FieldManager = "kube-controller-manager" };

    private static async Task TryAsync<T>(Func<Task<T>> act)
    {
        try
        {
            await act().ConfigureAwait(false);
        }
        catch (Refusal)
        {
            // Gone, changed, or refused by a webhook: the next change brings it up again.
        }
    }
}
