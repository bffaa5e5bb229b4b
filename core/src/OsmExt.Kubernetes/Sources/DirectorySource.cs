using System.Runtime.CompilerServices;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Sources;

/// <summary>
/// Directories of manifests as the mesh's source of objects. What counts is what a scan finds, by path, length and time of
/// writing; file events only make it look earlier. Nothing happens before <see cref="WatchAsync"/>, and every call of it watches
/// on its own.
/// </summary>
internal sealed class DirectorySource(DirectorySourceOptions options, TimeProvider time) : IResourceSource
{
    public async IAsyncEnumerable<ResourceBatch> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The first scan may take a while, and the caller did not ask to wait for it.
        await Task.Yield();
        using var hints = new FileHints(options.Paths, options.UseFileEvents, time);
        var watch = new DirectoryWatch(options, hints, time);
        while (true)
        {
            if (watch.Step(cancellationToken) is { } batch)
            {
                yield return batch;
            }

            await hints.WaitAsync(watch.Pause(), cancellationToken).ConfigureAwait(false);
        }
    }
}
