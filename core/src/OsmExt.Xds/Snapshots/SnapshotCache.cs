using System.Collections.Concurrent;

namespace OsmExt.Xds.Snapshots;

/// <summary>
/// The latest snapshot per scope, and who looks at it. A scope is whatever its key equals: usually what a group of replicas
/// has in common, or one proxy. What was published stays until it is replaced or dropped.
/// </summary>
/// <remarks>
/// Publishing finds out what changed, once, and each stream of the scope looks up those names among its subscriptions, which
/// is the index from name to subscription kept where the names are. Streams of other scopes are not touched.
/// </remarks>
internal sealed class SnapshotCache(TimeProvider clock)
{
    private readonly ConcurrentDictionary<object, Scope> _scopes = new();
    private long _activity;
    private readonly Convergence _convergence = new(clock);

    /// <summary>The keys of all scopes that have a snapshot.</summary>
    public IReadOnlyCollection<object> Scopes => [.. _scopes.Where(static s => s.Value.Snapshot is not null).Select(static s => s.Key)];

    /// <summary>Changes whenever anything is published, or a stream comes, goes or answers.</summary>
    public long Activity => Interlocked.Read(ref _activity);

    public XdsSnapshot? Get(object scope) => _scopes.GetValueOrDefault(scope)?.Snapshot;

    /// <summary>
    /// Replaces a scope's snapshot. Reuse the <see cref="Envoy.XdsResource"/>s that did not change: equal ones are not sent
    /// again, but a copy is kept as long as a stream remembers having sent it.
    /// </summary>
    public void Publish(object scope, XdsSnapshot snapshot)
    {
        Interlocked.Increment(ref _activity);
        _convergence.Published(snapshot.Revision);
        while (!ScopeOf(scope).Publish(snapshot))
        {
        }
    }

    /// <summary>
    /// Applies changes to a scope's snapshot at the price of the changes. Returns the new snapshot, or null when the scope has
    /// none yet: a proxy must not be given a part for the whole.
    /// </summary>
    public XdsSnapshot? Patch(object scope, long revision, IReadOnlyCollection<XdsChange> changes)
    {
        Interlocked.Increment(ref _activity);
        _convergence.Published(revision);
        return _scopes.GetValueOrDefault(scope)?.Patch(revision, changes);
    }

    /// <summary>Forgets a scope. Streams attached to it stay as they are, until it is published again or they are attached elsewhere.</summary>
    public void Drop(object scope)
    {
        Interlocked.Increment(ref _activity);
        if (_scopes.TryGetValue(scope, out var dropped) && dropped.Drop())
        {
            _scopes.TryRemove(new(scope, dropped));
        }
    }

    public void Attach(object scope, IScopeListener listener)
    {
        Interlocked.Increment(ref _activity);
        while (!ScopeOf(scope).Attach(listener))
        {
        }

        _convergence.Attached(listener);
    }

    public void Detach(object scope, IScopeListener listener)
    {
        if (_scopes.TryGetValue(scope, out var left) && left.Detach(listener))
        {
            _scopes.TryRemove(new(scope, left));
        }
    }

    /// <summary>The stream ended; nobody waits for it any longer.</summary>
    public void Ended(IScopeListener listener)
    {
        Interlocked.Increment(ref _activity);
        _convergence.Ended(listener);
    }

    /// <summary>The stream was written to, or got an answer from its client.</summary>
    public void Progressed(IScopeListener listener)
    {
        Interlocked.Increment(ref _activity);
        _convergence.Progressed(listener);
    }

    /// <summary>
    /// Completes when every stream attached now has acknowledged, or refused, everything up to this revision. Call it after
    /// publishing the revision to all its scopes.
    /// </summary>
    public Task<Converged> WhenAcknowledgedAsync(long revision, CancellationToken cancellationToken = default)
        => _convergence.WhenAcknowledgedAsync(revision, cancellationToken);

    /// <summary>
    /// Completes when every stream that was published something since the last call has acknowledged, or refused, it; or with how far it has come when
    /// that takes too long. Call it after publishing the revision to all its scopes.
    /// </summary>
    public Task<Converged> FollowAsync(long revision, TimeSpan atMost, CancellationToken cancellationToken = default)
        => _convergence.FollowAsync(revision, atMost, cancellationToken);

    /// <summary>Completes when a stream came, ended, was written to or answered. Ask before looking how things are.</summary>
    public Task NewsAsync() => _convergence.NewsAsync();

    private Scope NewScope(object key) => new(key, _convergence.Concerned);

    // A scope that retires between being found and being used is replaced by a fresh one, hence the loops above.
    private Scope ScopeOf(object key)
    {
        var scope = _scopes.GetOrAdd(key, NewScope);
        if (scope.IsRetired)
        {
            _scopes.TryRemove(new(key, scope));
            scope = _scopes.GetOrAdd(key, NewScope);
        }

        return scope;
    }
}
