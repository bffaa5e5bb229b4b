using Microsoft.Extensions.Logging;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Identity;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Pipeline;

/// <summary>
/// Keeps every live scope's configuration in the cache current, doing no more than a change demands: all of it when policy
/// changed for that scope, one endpoint set, or one secret. What a change of policy demands is done piece by piece, namespaces
/// taking turns, so that the loop has time for endpoints in between. Used by the pipeline's loop only.
/// </summary>
internal sealed partial class ScopePublisher(
    SnapshotCache cache, CertificateAuthority authority, WorkloadCertificates certificates, TimeProvider time, ILogger<ScopePublisher> logger)
{
    // Long enough for a proxy that lost its stream to come back to a configuration that is ready.
    public static readonly TimeSpan IdleScopeLifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);
    private readonly Dictionary<ProxyScope, LiveScope> _scopes = [];
    private readonly ServiceAudience _audience = new();
    private readonly FairLines<LiveScope> _behind = new();
    private readonly HashSet<LiveScope> _stale = [];
    private long _sweptAt = time.GetTimestamp();
    private int _changed;
    private TimeSpan _translating;

    public IEnumerable<Diagnostic> Diagnostics => _scopes.Values.SelectMany(scope => scope.Diagnostics);

    public int Count => _scopes.Count;

    public IEnumerable<ProxyScope> Scopes => _scopes.Keys;

    public LiveScope? Find(ProxyScope scope) => _scopes.GetValueOrDefault(scope);

    public IEnumerable<LiveScope> Live => _scopes.Values;

    /// <summary>Whether there are scopes that have not been looked at since policy changed.</summary>
    public bool IsBehind => _behind.Count > 0;

    /// <summary>How long translation has taken since the last call.</summary>
    public TimeSpan TakeTranslationTime()
    {
        var taken = _translating;
        _translating = TimeSpan.Zero;
        return taken;
    }

    /// <summary>The scope, translated and published if it was not yet.</summary>
    public LiveScope Ensure(ProxyScope scope, MeshState state)
    {
        if (!_scopes.TryGetValue(scope, out var live))
        {
            var view = ScopeView.Of(state.Index, scope, state.Contributions);
            live = new(scope, view);
            if (!live.IsHeldBy(view.Contributions))
            {
                Publish(live, view, state);
            }

            _scopes.Add(scope, live);
            _audience.Move(live, null, live.View.Clusters);
        }

        live.IdleSince = time.GetTimestamp();
        return live;
    }

    /// <summary>
    /// Gives a scope whose configuration is held what its proxies still have of a resource, so that whoever comes gets the same.
    /// The scope is published anew as a whole once it is no longer held.
    /// </summary>
    public void RollBack(LiveScope live, MeshState state, XdsResource acknowledged)
    {
        MarkStale(live);
        cache.Patch(live.Scope, state.Snapshot.Revision, [XdsChange.Set(acknowledged)]);
    }

    /// <summary>After a policy change: every scope is to be looked at by <see cref="Advance"/>.</summary>
    public void PolicyChanged()
    {
        _changed = 0;
        foreach (var live in _scopes.Values.Where(live => !live.IsBehind))
        {
            live.IsBehind = true;
            _behind.Add(live.Scope.Identity.Namespace, live);
        }
    }

    /// <summary>Looks at the next scope, and translates it if its part of the mesh differs. Returns false when there is none.</summary>
    public bool Advance(MeshState state)
    {
        if (!_behind.TryTake(out var live))
        {
            return false;
        }

        live.IsBehind = false;
        if (_scopes.GetValueOrDefault(live.Scope) != live)
        {
            return true;
        }

        var (view, wasHeld) = (ScopeView.Of(state.Index, live.Scope, state.Contributions), live.IsHeld);
        if (!live.IsHeldBy(view.Contributions) && (view != live.View || live.Stale || wasHeld))
        {
            TryPublish(live, view, state);
            _changed++;
        }

        return true;
    }

    /// <summary>Looks at all scopes that are left. Returns how many have changed since policy did.</summary>
    public int Finish(MeshState state)
    {
        while (Advance(state))
        {
        }

        return _changed;
    }

    /// <summary>Tries again where the last attempt failed.</summary>
    public void RetryStale(MeshState state)
    {
        foreach (var live in _stale.Where(live => live is { Stale: true, IsHeld: false }).ToArray())
        {
            TryPublish(live, ScopeView.Of(state.Index, live.Scope, state.Contributions), state);
        }
    }

    /// <summary>After an endpoint change: renews the endpoint sets of those services, in the scopes that have them.</summary>
    public void EndpointsChanged(MeshState state, IReadOnlySet<ServiceKey> services)
    {
        foreach (var live in services.Count == 1 ? _audience.Of(services.First()) : services.SelectMany(_audience.Of).Distinct())
        {
            Patch(live, state, live.Renew(state.Endpoints, services));
        }
    }

    /// <summary>After rotation: renews the certificates of those identities.</summary>
    public void CertificatesReplaced(MeshState state, IReadOnlySet<WorkloadIdentity> identities)
    {
        foreach (var live in _scopes.Values.Where(live => identities.Contains(live.Scope.Identity)))
        {
            var made = Translated(() => XdsChange.Set(Secrets.Certificate(CertificateOf(live))));
            cache.Patch(live.Scope, state.Snapshot.Revision, [made]);
        }
    }

    /// <summary>After a change of roots: renews whom to believe, and certificates that another root issues.</summary>
    public void SecretsChanged(MeshState state)
    {
        foreach (var live in _scopes.Values)
        {
            try
            {
                Patch(live, state, XdsTranslator.SecretsOf(live.View, authority.Bundle, CertificateOf(live)));
            }
            catch (Exception failure)
            {
                MarkStale(live);
                Log.ScopeFailed(logger, live.Scope.Identity, failure);
            }
        }
    }

    /// <summary>Forgets scopes that nobody has been attached to for a while.</summary>
    public void DropIdle()
    {
        if (time.GetElapsedTime(_sweptAt) < SweepInterval)
        {
            return;
        }

        _sweptAt = time.GetTimestamp();
        var idle = _scopes.Values.Where(live => live.Streams == 0 && time.GetElapsedTime(live.IdleSince) > IdleScopeLifetime).ToArray();
        foreach (var live in idle)
        {
            _scopes.Remove(live.Scope);
            _stale.Remove(live);
            _audience.Move(live, live.View.Clusters, null);
            cache.Drop(live.Scope);
        }

        if (idle.Length > 0)
        {
            certificates.Retain(_scopes.Keys.Select(scope => scope.Identity).ToHashSet());
        }
    }

    // One scope that cannot be configured keeps what it has and holds up no other.
    private void TryPublish(LiveScope live, ScopeView view, MeshState state)
    {
        try
        {
            Publish(live, view, state);
            live.Stale = false;
            _stale.Remove(live);
        }
        catch (Exception failure)
        {
            MarkStale(live);
            Log.ScopeFailed(logger, live.Scope.Identity, failure);
        }
    }

    private void MarkStale(LiveScope live)
    {
        live.Stale = true;
        _stale.Add(live);
    }

    private void Publish(LiveScope live, ScopeView view, MeshState state)
    {
        _audience.Move(live, live.View.Clusters, view.Clusters);
        var changes = Translated(() => live.Renew(view, state.Endpoints, authority.Bundle, CertificateOf(live.Scope, view)));
        if (live.Stale || cache.Patch(live.Scope, state.Snapshot.Revision, changes) is null)
        {
            cache.Publish(live.Scope, XdsSnapshot.Create(state.Snapshot.Revision, live.Everything));
        }
    }

    private void Patch(LiveScope live, MeshState state, IEnumerable<XdsResource> resources)
    {
        var known = cache.Get(live.Scope);
        var changes = Translated(() => resources
            .Where(resource => !resource.Equals(known?.Find(resource.TypeUrl, resource.Name)))
            .Select(XdsChange.Set)
            .ToArray());
        if (changes.Length > 0)
        {
            cache.Patch(live.Scope, state.Snapshot.Revision, changes);
        }
    }

    private T Translated<T>(Func<T> make)
    {
        var start = time.GetTimestamp();
        var made = make();
        _translating += time.GetElapsedTime(start);
        return made;
    }

    private WorkloadCertificate CertificateOf(LiveScope live) => CertificateOf(live.Scope, live.View);

    private WorkloadCertificate CertificateOf(ProxyScope scope, ScopeView view)
        => certificates.Get(scope.Identity, view.Settings.CertificateValidity, KeyType.Of(view.Settings.RsaKeyBits));

    private static partial class Log
    {
        [LoggerMessage(5020, LogLevel.Error, "Proxies of {Identity} could not be configured anew and keep what they have; it is tried again")]
        public static partial void ScopeFailed(ILogger logger, WorkloadIdentity identity, Exception failure);
    }
}
