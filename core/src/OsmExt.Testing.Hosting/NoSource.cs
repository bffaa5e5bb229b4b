using System.Runtime.CompilerServices;
using OsmExt.Sdk.Resources;

namespace OsmExt.Testing.Hosting;

/// <summary>Says nothing: the test hands objects to the store itself.</summary>
internal sealed class NoSource : IResourceSource
{
    public async IAsyncEnumerable<ResourceBatch> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        yield break;
    }
}
