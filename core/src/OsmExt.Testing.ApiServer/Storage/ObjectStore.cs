using System.Globalization;
using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Storage;

/// <summary>
/// The objects, with one counter of revisions for all of them, and the last changes with the state after each: lists of an older revision and watches from one are
/// answered from these, until they are forgotten.
/// </summary>
internal sealed class ObjectStore(int keptChanges)
{
    private readonly Lock _gate = new();
    private readonly List<Change> _changes = [];
    private StoreState _state = StoreState.Empty with { Revision = 1 };
    private KindTable _kinds = new([]);
    private long _compacted = 1;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StoreState State => Volatile.Read(ref _state);

    public KindTable Kinds => Volatile.Read(ref _kinds);

    /// <summary>The oldest revision from which changes are still known.</summary>
    public long Compacted => Volatile.Read(ref _compacted);

    /// <summary>Stores an object if what is stored is still what the writer saw (null: nothing); null when it is not.</summary>
    public StoredObject? Put(GroupResource resource, ObjectName name, StoredObject? seen, JsonObject value)
    {
        lock (_gate)
        {
            var before = _state.Find(resource, name);
            if (before?.Revision != seen?.Revision)
            {
                return null;
            }

            var revision = _state.Revision + 1;
            var stored = new StoredObject(resource, name, revision, Numbered(value, revision));
            Commit(new(revision, resource, before, stored, Deleted: false, _state.With(stored)));
            return stored;
        }
    }

    /// <summary>Deletes an object if it is still what the writer saw; null when it is not.</summary>
    public StoredObject? Delete(StoredObject seen)
    {
        lock (_gate)
        {
            if (_state.Find(seen.Resource, seen.Name)?.Revision != seen.Revision)
            {
                return null;
            }

            var revision = _state.Revision + 1;
            var last = seen with { Revision = revision, Object = Numbered(seen.Object, revision) };
            Commit(new(revision, seen.Resource, seen, last, Deleted: true, _state.Without(seen, revision)));
            return last;
        }
    }

    /// <summary>The changes after a revision, and a task that ends with the next one; null when they are no longer known.</summary>
    public (IReadOnlyList<Change> Changes, StoreState State, Task Next)? After(long revision)
    {
        lock (_gate)
        {
            if (revision < _compacted)
            {
                return null;
            }

            var first = FirstAfter(revision);
            return (_changes.GetRange(first, _changes.Count - first), _state, _next.Task);
        }
    }

    /// <summary>What was stored at a revision; null when that is no longer known, or not reached.</summary>
    public StoreState? At(long revision)
    {
        lock (_gate)
        {
            if (revision == _state.Revision)
            {
                return _state;
            }

            var index = FirstAfter(revision) - 1;
            return revision < _compacted || revision > _state.Revision || index < 0 ? null : _changes[index].State;
        }
    }

    /// <summary>Forgets what was before a revision.</summary>
    public void Compact(long revision)
    {
        lock (_gate)
        {
            revision = Math.Min(revision, _state.Revision);
            _compacted = Math.Max(_compacted, revision);
            // The state at the revision itself can still be asked for.
            _changes.RemoveRange(0, Math.Max(FirstAfter(revision) - 1, 0));
        }
    }

    private static JsonObject Numbered(JsonObject value, long revision)
        => value.WithMetadata(("resourceVersion", revision.ToString(CultureInfo.InvariantCulture)));

    private void Commit(Change change)
    {
        _changes.Add(change);
        Volatile.Write(ref _state, change.State);
        if (change.Resource == KindTable.Definitions)
        {
            Volatile.Write(ref _kinds, new(change.State.Of(KindTable.Definitions).Values.Select(stored => stored.Object)));
        }

        // A quarter at once, so that forgetting costs nothing each time.
        if (_changes.Count > keptChanges + (keptChanges / 4))
        {
            Compact(_changes[_changes.Count - keptChanges].Revision);
        }

        var reached = _next;
        _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        reached.SetResult();
    }

    private int FirstAfter(long revision)
    {
        // Revisions have no gaps.
        return _changes.Count == 0 ? 0 : (int)Math.Clamp(revision + 1 - _changes[0].Revision, 0, _changes.Count);
    }
}
