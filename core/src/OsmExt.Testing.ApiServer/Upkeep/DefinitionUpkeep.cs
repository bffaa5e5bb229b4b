using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Upkeep;

/// <summary>Ends kinds with their objects: a CustomResourceDefinition goes when the last of its objects has gone.</summary>
internal sealed class DefinitionUpkeep(ServerHand hand) : IUpkeep
{
    private const string Finalizer = "customresourcecleanup.apiextensions.k8s.io";

    public bool Concerns(Change change) => change.Resource == KindTable.Definitions || change.Deleted;

    public async Task ActAsync(StoreState state, CancellationToken stop)
    {
        foreach (var definition in state.Of(KindTable.Definitions).Values)
        {
            var spec = definition.Object.Object("spec") ?? [];
            if (definition.Object.Metadata().Text("deletionTimestamp") is null || !definition.Object.Metadata().Texts("finalizers").Contains(Finalizer))
            {
                continue;
            }

            var objects = state.Of(new(spec.Text("group") ?? "", spec.Object("names")?.Text("plural") ?? ""));
            foreach (var stored in objects.Values.Where(stored => stored.Object.Metadata().Text("deletionTimestamp") is null))
            {
                await hand.DeleteAsync(stored, "Background", stop).ConfigureAwait(false);
            }

            if (objects.IsEmpty)
            {
                await hand.ReleaseAsync(definition, Finalizer, stop).ConfigureAwait(false);
            }
        }
    }
}
