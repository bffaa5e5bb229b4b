using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Upkeep;

/// <summary>
/// Does what a cluster does by itself: ends namespaces and kinds with what is in them, collects garbage, gives namespaces what each has; and, when asked to,
/// acts on workloads. It follows the store; each part looks at the whole state and does what is due, so that nothing is lost when changes come fast.
/// </summary>
internal sealed class ClusterUpkeep : IAsyncDisposable
{
    private readonly ObjectStore _store;
    private readonly IReadOnlyList<IUpkeep> _parts;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public ClusterUpkeep(ObjectWriter writer, ObjectDeleter deleter, ApiServerOptions options, string authority)
    {
        _store = writer.Store;
        var hand = new ServerHand(writer, deleter);
        IUpkeep[] always = [new NamespaceUpkeep(hand, authority), new DefinitionUpkeep(hand), new GarbageCollector(hand)];
        IUpkeep[] controllers = options.Controllers ? [new WorkloadUpkeep(hand), new EndpointUpkeep(hand)] : [];
        IUpkeep[] pods = options.ReadyPods ? [new PodUpkeep(hand)] : [];
        _parts = [.. always, .. controllers, .. pods];
    }

    public void Start() => _running = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        for (var revision = 0L; ;)
        {
            // Everything that is there counts as news at first, and when changes were missed.
            var news = _store.After(revision);
            revision = news?.State.Revision ?? _store.State.Revision;
            foreach (var part in _parts.Where(part => news is null || news.Value.Changes.Any(part.Concerns)))
            {
                await part.ActAsync(_store.State, _stopping.Token).ConfigureAwait(false);
            }

            if (_store.After(revision) is { Changes.Count: 0 } later)
            {
                await later.Next.WaitAsync(_stopping.Token).ConfigureAwait(false);
            }

            _stopping.Token.ThrowIfCancellationRequested();
        }
    }
}
