using System.Runtime.CompilerServices;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>
/// A cluster as the mesh's source of objects. Its first batch with objects has all of them; what cannot be read is tried again for ever, and what was read stays in force meanwhile.
/// </summary>
internal sealed class ClusterSource(ClusterClient client, ClusterSourceOptions options, TimeProvider time, Random random) : IResourceSource
{
    public async IAsyncEnumerable<ResourceBatch> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        var table = new ClusterTable(time);
        using var share = new ReflectorShare(options.Reflectors, time, random);
        var watches = new ClusterWatches(client, options, table, share);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = watches.RunAsync(stop.Token);
        try
        {
            while (true)
            {
                var news = table.NewsAsync();
                if (table.Take() is { } batch)
                {
                    yield return batch;
                    continue;
                }

                // What runs ends only when it is told to, or by a fault of ours, which must not be silent.
                await (await Task.WhenAny(news, running).WaitAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
