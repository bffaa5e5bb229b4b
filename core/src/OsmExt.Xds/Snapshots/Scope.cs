namespace OsmExt.Xds.Snapshots;

/// <summary>
/// The latest snapshot of one scope and the streams that look at it. Every snapshot reaches every listener in the order of
/// publication, together with what changed, so that a listener never combines one snapshot with the changes of another.
/// </summary>
/// <param name="key">Its key.</param>
/// <param name="concerned">Told of every listener that something newly published concerns.</param>
internal sealed class Scope(object key, Action<IScopeListener> concerned)
{
    private readonly Lock _lock = new();
    private readonly HashSet<IScopeListener> _listeners = [];
    private volatile XdsSnapshot? _snapshot;

    public XdsSnapshot? Snapshot => _snapshot;

    /// <summary>Removed from the cache; whoever holds it has to ask for the key again.</summary>
    public bool IsRetired { get; private set; }

    public bool Attach(IScopeListener listener)
    {
        lock (_lock)
        {
            if (IsRetired)
            {
                return false;
            }

            _listeners.Add(listener);
            if (_snapshot is { } snapshot && listener.Replace(key, snapshot))
            {
                concerned(listener);
            }

            return true;
        }
    }

    /// <summary>Returns whether the scope is of no use any longer, in which case it is retired.</summary>
    public bool Detach(IScopeListener listener)
    {
        lock (_lock)
        {
            _listeners.Remove(listener);
            return IsRetired = _listeners.Count == 0 && _snapshot is null;
        }
    }

    public bool Publish(XdsSnapshot snapshot)
    {
        lock (_lock)
        {
            if (IsRetired)
            {
                return false;
            }

            if (_snapshot is { } before)
            {
                Spread(snapshot, snapshot.ChangesSince(before));
                return true;
            }

            _snapshot = snapshot;
            foreach (var listener in _listeners.Where(listener => listener.Replace(key, snapshot)))
            {
                concerned(listener);
            }

            return true;
        }
    }

    /// <summary>Returns null when there is nothing to patch yet.</summary>
    public XdsSnapshot? Patch(long revision, IReadOnlyCollection<XdsChange> changes)
    {
        lock (_lock)
        {
            if (_snapshot is not { } before)
            {
                return null;
            }

            var effective = changes.Where(c => !Equals(before.Find(c.TypeUrl, c.Name), c.Resource)).ToList();
            var snapshot = before.With(Math.Max(revision, before.Revision), effective);
            Spread(snapshot, effective);
            return snapshot;
        }
    }

    /// <summary>Forgets the snapshot. Listeners keep what they have. Returns whether the scope is retired.</summary>
    public bool Drop()
    {
        lock (_lock)
        {
            _snapshot = null;
            return IsRetired = _listeners.Count == 0;
        }
    }

    private void Spread(XdsSnapshot snapshot, IReadOnlyCollection<XdsChange> changes)
    {
        _snapshot = snapshot;
        foreach (var listener in changes.Count == 0 ? [] : _listeners.Where(listener => listener.Advance(key, snapshot, changes)))
        {
            concerned(listener);
        }
    }
}
