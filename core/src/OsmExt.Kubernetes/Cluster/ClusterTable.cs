using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>
/// All objects of a cluster as far as they are known, and which of them have changed since somebody looked. However many changes come, what waits to be taken is never more
/// than the objects there are.
/// </summary>
internal sealed class ClusterTable(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ResourceKey, TableEntry> _entries = [];
    private readonly Dictionary<ResourceKey, IReadOnlyList<Diagnostic>> _findings = [];
    private readonly Dictionary<string, Diagnostic> _troubles = new(StringComparer.Ordinal);

    // What whoever takes changes knows of an object that has changed since.
    private readonly Dictionary<ResourceKey, Resource?> _changed = [];
    private readonly HashSet<string> _awaited = new(StringComparer.Ordinal);
    private TaskCompletionSource _news = NewSignal();
    private EquatableArray<Diagnostic> _taken = [];
    private bool _isSynced;
    private bool _areFindingsNew = true;
    private long? _noticedAt;

    /// <summary>A kind without which the list is not complete. Once it has been complete, nothing holds it up any more.</summary>
    public void Await(string kind)
    {
        lock (_lock)
        {
            _awaited.Add(kind);
        }
    }

    /// <summary>All of a kind is known.</summary>
    public void Arrived(string kind)
    {
        lock (_lock)
        {
            if (_awaited.Remove(kind))
            {
                _news.TrySetResult();
            }
        }
    }

    public TableEntry? Find(ResourceKey key)
    {
        lock (_lock)
        {
            return _entries.GetValueOrDefault(key);
        }
    }

    /// <summary>Takes in many changes as one.</summary>
    /// <param name="changed">Objects as they are now.</param>
    /// <param name="gone">Objects that are no longer there.</param>
    public void Apply(IEnumerable<(ResourceKey Key, TableEntry Entry)> changed, IEnumerable<ResourceKey> gone)
    {
        lock (_lock)
        {
            foreach (var (key, entry) in changed)
            {
                var before = _entries.GetValueOrDefault(key);
                _entries[key] = entry;
                Note_NeedsLock(key, before?.Resource, entry.Resource, entry.Findings);
            }

            foreach (var key in gone)
            {
                if (_entries.Remove(key, out var before))
                {
                    Note_NeedsLock(key, before.Resource, null, []);
                }
            }

            if (_changed.Count > 0 || _areFindingsNew)
            {
                _noticedAt ??= time.GetTimestamp();
                _news.TrySetResult();
            }
        }
    }

    /// <summary>Says what is wrong with reading a kind; null when nothing is.</summary>
    public void Report(string kind, Diagnostic? trouble)
    {
        lock (_lock)
        {
            if (Equals(_troubles.GetValueOrDefault(kind), trouble))
            {
                return;
            }

            if (trouble is null)
            {
                _troubles.Remove(kind);
            }
            else
            {
                _troubles[kind] = trouble;
            }

            _areFindingsNew = true;
            _news.TrySetResult();
        }
    }

    /// <summary>The keys of a kind that are not among those given.</summary>
    public IReadOnlyList<ResourceKey> Except(Func<ResourceKey, bool> isMeant, HashSet<ResourceKey> kept)
    {
        lock (_lock)
        {
            return [.. _entries.Keys.Where(key => isMeant(key) && !kept.Contains(key))];
        }
    }

    /// <summary>Ends when there may be something to take.</summary>
    public Task NewsAsync()
    {
        lock (_lock)
        {
            return _news.Task;
        }
    }

    /// <summary>What changed since the last call; null when nothing did. Objects come when all awaited kinds are there, findings at once.</summary>
    public ResourceBatch? Take()
    {
        lock (_lock)
        {
            _news = _news.Task.IsCompleted ? NewSignal() : _news;
            var completes = !_isSynced && _awaited.Count == 0;
            _isSynced |= completes;
            var hasChanges = _isSynced && _changed.Count > 0;
            if (!completes && !hasChanges && !_areFindingsNew)
            {
                return null;
            }

            EquatableArray<ResourceChange> changes = [];
            if (_isSynced)
            {
                changes = [.. _changed.Keys.Order().Select(key => new ResourceChange(key, _entries.GetValueOrDefault(key)?.Resource))];
                _changed.Clear();
            }

            if (_areFindingsNew)
            {
                _taken = [.. _findings.Values.SelectMany(findings => findings).Concat(_troubles.Values).Distinct().Order()];
                _areFindingsNew = false;
            }

            var noticedAt = _noticedAt ?? time.GetTimestamp();
            _noticedAt = _isSynced ? null : _noticedAt;
            return new(changes, _taken, _isSynced, noticedAt);
        }
    }

    private void Note_NeedsLock(ResourceKey key, Resource? before, Resource? now, IReadOnlyList<Diagnostic> findings)
    {
        var known = _changed.GetValueOrDefault(key, before);
        if (Equals(known, now))
        {
            _changed.Remove(key);
        }
        else
        {
            _changed.TryAdd(key, known);
        }

        if (findings.Count > 0)
        {
            _areFindingsNew |= !(_findings.TryGetValue(key, out var said) && said.SequenceEqual(findings));
            _findings[key] = findings;
        }
        else
        {
            _areFindingsNew |= _findings.Remove(key);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>An object of a cluster.</summary>
/// <param name="Resource">Its newest content that can be used; null when there has been none.</param>
/// <param name="Findings">What is wrong with it.</param>
/// <param name="Uid">Tells it from another of its name.</param>
/// <param name="Version">Its resourceVersion.</param>
/// <param name="Decoder">What read it.</param>
internal sealed record TableEntry(Resource? Resource, IReadOnlyList<Diagnostic> Findings, string Uid, string Version, ObjectDecoder Decoder);
