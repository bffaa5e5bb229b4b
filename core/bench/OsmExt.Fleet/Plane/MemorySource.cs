using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using OsmExt.Sdk.Resources;

namespace OsmExt.Fleet.Plane;

/// <summary>A source of objects that is told them; what it says goes the way of every source, into the store.</summary>
internal sealed class MemorySource : IResourceSource
{
    private readonly Channel<ResourceBatch> _batches = Channel.CreateUnbounded<ResourceBatch>();
    private long _said;

    /// <summary>How many times it has said something.</summary>
    public long Said => Interlocked.Read(ref _said);

    public async IAsyncEnumerable<ResourceBatch> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in _batches.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return batch;
        }
    }

    /// <summary>Says that objects changed, and returns when. One at a time.</summary>
    public Moment Say(IEnumerable<ResourceChange> changes)
    {
        var now = Stopwatch.GetTimestamp();
        var said = Interlocked.Increment(ref _said);
        _batches.Writer.TryWrite(new([.. changes], [], IsSynced: true, now));
        return new(now, said);
    }
}
