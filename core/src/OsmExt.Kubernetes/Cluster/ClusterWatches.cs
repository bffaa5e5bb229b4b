using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>
/// Runs a watch for each kind that is read, and for each Secret that somebody names. Legacy Endpoints are not read: a cluster mirrors them into
/// EndpointSlices, and they would be sent whole with each pod that comes or goes.
/// </summary>
internal sealed class ClusterWatches(ClusterClient client, ClusterSourceOptions options, ClusterTable table, ReflectorShare share)
{
    private readonly KindCatalog _catalog = new(client);
    private readonly TextPool _texts = new();
    private readonly Dictionary<object, Running> _running = [];
    private PluginKinds _plugins = PluginKinds.None;
    private CancellationToken _stop;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _stop = cancellationToken;
        var kinds = ResourceKinds.All.Where(kind => kind.Kind != EndpointSlice.LegacyKind).ToArray();
        _plugins = options.Kinds();
        foreach (var kind in kinds.Concat(Watched(_plugins)))
        {
            table.Await(KindWatch.NameOf(kind));
        }

        Start(share.Cluster, KnowClusterAsync);
        try
        {
            Start(_catalog, stop => new Reflector(client, ApiResource.CustomResourceDefinitions, _catalog, share)
            {
                MetadataOnly = true, Trouble = reason => _catalog.IsWatched = reason is null,
            }.RunAsync(stop));
            foreach (var kind in kinds.Concat(Watched(_plugins)))
            {
                Watch(kind);
            }

            while (true)
            {
                await FollowKindsAsync().ConfigureAwait(false);
                await FollowSecretsAsync().ConfigureAwait(false);
                await Task.Delay(options.Look, share.Time, cancellationToken).ConfigureAwait(false);
                if (_running.Values.FirstOrDefault(running => running.Task.IsFaulted) is { } failed)
                {
                    await failed.Task.ConfigureAwait(false);
                }
            }
        }
        finally
        {
            foreach (var key in _running.Keys.ToArray())
            {
                await StopAsync(key).ConfigureAwait(false);
            }
        }
    }

    private static IEnumerable<ResourceKind> Watched(PluginKinds plugins) => plugins.All.Where(kind => !ReferenceEquals(kind, SecretView.Kind));

    // Whether it is still the same is asked when much is missing; then it is too late to find out which it was.
    private async Task KnowClusterAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(share.Options.FirstWait, share.Options.LongestWait, share.Random);
        while (!await share.Cluster.IsSameAsync(client, cancellationToken).ConfigureAwait(false))
        {
            await Task.Delay(backoff.Next(), share.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task FollowKindsAsync()
    {
        var next = options.Kinds();
        if (next.Equals(_plugins))
        {
            return;
        }

        var before = Watched(_plugins).ToArray();
        foreach (var kind in before)
        {
            await StopAsync(KindWatch.NameOf(kind)).ConfigureAwait(false);
        }

        _plugins = next;
        foreach (var kind in Watched(next))
        {
            Watch(kind);
        }

        var kept = Watched(next).Select(kind => kind.Kind).ToHashSet(StringComparer.Ordinal);
        foreach (var kind in before.Where(kind => !kept.Contains(kind.Kind)))
        {
            table.Apply([], table.Except(key => key.Kind == kind.Kind, []));
            table.Report(KindWatch.NameOf(kind), null);
        }
    }

    private async Task FollowSecretsAsync()
    {
        var wanted = _plugins.All.Contains(SecretView.Kind) ? options.Secrets().ToHashSet() : [];
        foreach (var gone in _running.Keys.OfType<ResourceKey>().Where(key => !wanted.Contains(key)).ToArray())
        {
            await StopAsync(gone).ConfigureAwait(false);
            table.Apply([], [gone]);
            table.Report(gone.ToString(), null);
            table.Report($"{gone} list", null);
        }

        foreach (var key in wanted.Where(key => !_running.ContainsKey(key)))
        {
            var sink = new TableSink(table, new(SecretView.Kind, "v1", _texts), other => other == key, () => { });
            Start(key, stop => new Reflector(client, ApiResource.Secrets, sink, share)
            {
                Doubted = (doubt, isOther) => table.Report($"{key} list", doubt is null ? null : KindWatch.Doubt(SecretView.Kind, $"The API server's list lacks {key}", isOther)),
                Namespace = key.Namespace, Name = key.Name,
                Trouble = reason => table.Report(key.ToString(), reason is null ? null : KindWatch.Trouble(SecretView.Kind, $"{key}: {reason}")),
            }.RunAsync(stop));
        }
    }

    private void Watch(ResourceKind kind)
    {
        var watch = new KindWatch(kind, client, _catalog, table, _texts, share, options.LookForKinds);
        Start(watch.Name, watch.RunAsync);
    }

    private void Start(object key, Func<CancellationToken, Task> run)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop);
        _running.Add(key, new(run(stop.Token), stop));
    }

    private async Task StopAsync(object key)
    {
        _running.Remove(key, out var running);
        await running!.Stop.CancelAsync().ConfigureAwait(false);
        await running.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        running.Stop.Dispose();
    }

    private sealed record Running(Task Task, CancellationTokenSource Stop);
}
