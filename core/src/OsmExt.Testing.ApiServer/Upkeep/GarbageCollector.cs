using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Upkeep;

/// <summary>Deletes objects whose owners have all gone, and lets owners go whose dependents have, or are to stay behind.</summary>
internal sealed class GarbageCollector(ServerHand hand) : IUpkeep
{
    private const string Foreground = "foregroundDeletion";
    private const string Orphan = "orphan";

    public bool Concerns(Change change)
        => change.Deleted || Owners(change.After).Any(owner => IsAbsent(owner, change)) || change.After.Object.Metadata().Texts("finalizers").Any(name => name is Foreground or Orphan);

    public async Task ActAsync(StoreState state, CancellationToken stop)
    {
        var all = state.Objects.Values.SelectMany(kind => kind.Values).ToList();
        var present = all.ToDictionary(stored => stored.Object.Uid(), StringComparer.Ordinal);
        var dependents = all.SelectMany(stored => Owners(stored).Select(owner => (Owner: owner.Text("uid") ?? "", Dependent: stored)))
            .ToLookup(pair => pair.Owner, pair => pair.Dependent, StringComparer.Ordinal);
        foreach (var owner in all.Where(stored => IsDeleted(stored) && stored.Object.Metadata().List("finalizers") is not null))
        {
            await ReleaseAsync(owner, dependents[owner.Object.Uid()].ToList(), stop).ConfigureAwait(false);
        }

        foreach (var stored in all.Where(stored => !IsDeleted(stored) && Owners(stored).Any()))
        {
            // An owner in another namespace is none.
            var owners = Owners(stored).Select(owner => present.GetValueOrDefault(owner.Text("uid") ?? ""))
                .Where(owner => owner is not null && (owner.Name.Namespace.Length == 0 || owner.Name.Namespace == stored.Name.Namespace)).ToList();
            if (owners is [])
            {
                await hand.DeleteAsync(stored, "Background", stop).ConfigureAwait(false);
            }
        }
    }

    private async Task ReleaseAsync(StoredObject owner, IReadOnlyList<StoredObject> dependents, CancellationToken stop)
    {
        var finalizers = owner.Object.Metadata().Texts("finalizers").ToList();
        var uid = owner.Object.Uid();
        if (finalizers.Contains(Orphan))
        {
            foreach (var dependent in dependents)
            {
                await hand.UpdateAsync(dependent, value => Without(value, uid), stop).ConfigureAwait(false);
            }

            await hand.ReleaseAsync(owner, Orphan, stop).ConfigureAwait(false);
        }

        if (!finalizers.Contains(Foreground))
        {
            return;
        }

        foreach (var dependent in dependents.Where(dependent => !IsDeleted(dependent) && Owners(dependent).All(reference => reference.Text("uid") == uid)))
        {
            await hand.DeleteAsync(dependent, "Foreground", stop).ConfigureAwait(false);
        }

        if (!dependents.Any(dependent => Owners(dependent).Any(reference => reference.Text("uid") == uid && reference.Flag("blockOwnerDeletion"))))
        {
            await hand.ReleaseAsync(owner, Foreground, stop).ConfigureAwait(false);
        }
    }

    // Looked up by what the reference says, so that a thousand pods do not mean a thousand walks over everything.
    private bool IsAbsent(JsonObject owner, Change change)
    {
        if (hand.Kinds.Named(owner.Text("apiVersion") ?? "", owner.Text("kind") ?? "") is not { } kind)
        {
            return true;
        }

        var space = kind.Namespaced ? change.After.Name.Namespace : "";
        return change.State.Find(kind.GroupResource, new(space, owner.Text("name") ?? ""))?.Object.Uid() != owner.Text("uid");
    }

    private static JsonObject Without(JsonObject value, string owner)
        => value.WithMetadata(("ownerReferences", new JsonArray([.. Owners(value).Where(reference => reference.Text("uid") != owner).Select(reference => reference.Copy())])));

    private static bool IsDeleted(StoredObject stored) => stored.Object.Metadata().Text("deletionTimestamp") is not null;

    private static IEnumerable<JsonObject> Owners(StoredObject stored) => Owners(stored.Object);

    private static IEnumerable<JsonObject> Owners(JsonObject value) => value.Metadata().Objects("ownerReferences");
}
