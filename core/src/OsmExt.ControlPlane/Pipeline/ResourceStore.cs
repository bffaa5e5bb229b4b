using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Pipeline;

/// <summary>
/// Holds the newest snapshot and what has changed since the pipeline last looked. Its only writer is the source's reader; a
/// reader that is late finds all changes merged, never a queue.
/// </summary>
internal sealed class ResourceStore(Wakeup changed)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ResourceKey, ResourceDifference> _pending = [];
    private ResourceSnapshot _snapshot = ResourceSnapshot.Empty;
    private bool _synced;
    private bool _news;
    private long? _observedAt;

    public ResourceSnapshot Snapshot
    {
        get
        {
            lock (_lock)
            {
                return _snapshot;
            }
        }
    }

    public void Apply(ResourceBatch batch)
    {
        lock (_lock)
        {
            _snapshot = _snapshot.Apply(batch, out var differences);
            _synced |= batch.IsSynced;
            _news = true;
            foreach (var difference in differences)
            {
                Merge_NeedsLock(difference);
            }

            if (!differences.IsEmpty)
            {
                _observedAt ??= batch.ObservedAt;
            }
        }

        changed.Set();
    }

    /// <summary>What came since the last call; null when nothing did, or while the first list is still incomplete.</summary>
    public PendingChanges? Take()
    {
        lock (_lock)
        {
            if (!_synced || !_news)
            {
                return null;
            }

            var taken = new PendingChanges(_snapshot, [.. _pending.Values], _observedAt);
            _pending.Clear();
            _news = false;
            _observedAt = null;
            return taken;
        }
    }

    // Seen from the reader, an object goes from what it was at its last look to what it is now.
    private void Merge_NeedsLock(ResourceDifference difference)
    {
        var merged = _pending.TryGetValue(difference.Key, out var earlier) ? difference with { Before = earlier.Before } : difference;
        if (Equals(merged.Before, merged.After))
        {
            _pending.Remove(difference.Key);
        }
        else
        {
            _pending[difference.Key] = merged;
        }
    }
}

/// <summary>A snapshot, and how it differs from the one taken before.</summary>
/// <param name="Snapshot">The newest state.</param>
/// <param name="Differences">One entry for each object that differs.</param>
/// <param name="ObservedAt">When the source noticed the first of them; null when there are none.</param>
internal sealed record PendingChanges(ResourceSnapshot Snapshot, IReadOnlyList<ResourceDifference> Differences, long? ObservedAt);
