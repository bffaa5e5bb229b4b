using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Upkeep;

/// <summary>Gives each namespace its account and the server's authority, and ends namespaces with what is in them.</summary>
internal sealed class NamespaceUpkeep(ServerHand hand, string authority) : IUpkeep
{
    private const string RootCertificates = "kube-root-ca.crt";

    private static readonly GroupResource Namespaces = new("", "namespaces");
    private static readonly GroupResource Accounts = new("", "serviceaccounts");
    private static readonly GroupResource ConfigMaps = new("", "configmaps");

    public bool Concerns(Change change) => change.Resource == Namespaces || change.Deleted;

    public async Task ActAsync(StoreState state, CancellationToken stop)
    {
        foreach (var space in state.Of(Namespaces).Values)
        {
            if (space.Object.Metadata().Text("deletionTimestamp") is not null)
            {
                await EndAsync(space, state, stop).ConfigureAwait(false);
                continue;
            }

            if (state.Find(Accounts, new(space.Name.Name, "default")) is null)
            {
                await hand.CreateAsync(Named("ServiceAccount", space.Name.Name, "default"), stop).ConfigureAwait(false);
            }

            if (state.Find(ConfigMaps, new(space.Name.Name, RootCertificates)) is null)
            {
                await hand.CreateAsync(Named("ConfigMap", space.Name.Name, RootCertificates).With(("data", new JsonObject { ["ca.crt"] = authority })), stop).ConfigureAwait(false);
            }
        }
    }

    private async Task EndAsync(StoredObject space, StoreState state, CancellationToken stop)
    {
        var within = state.Objects.Where(kind => kind.Key != Namespaces).SelectMany(kind => kind.Value.Values).Where(stored => stored.Name.Namespace == space.Name.Name).ToList();
        foreach (var stored in within.Where(stored => stored.Object.Metadata().Text("deletionTimestamp") is null))
        {
            await hand.DeleteAsync(stored, "Background", stop).ConfigureAwait(false);
        }

        if (within is [])
        {
            await hand.UpdateAsync(space, value => value.With(("spec", (value.Object("spec") ?? []).With(("finalizers", new JsonArray())))), stop, "finalize").ConfigureAwait(false);
        }
    }

    private static JsonObject Named(string kind, string @namespace, string name)
        => new() { ["apiVersion"] = "v1", ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace } };
}
