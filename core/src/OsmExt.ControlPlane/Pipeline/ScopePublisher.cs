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
/// changed for that scope, one endpoint set, or one secret. Used by the pipeline's loop only.
/// </summary>
internal sealed partial class ScopePublisher(
    SnapshotCache cache, CertificateAuthority authority, WorkloadCertificates certificates, TimeProvider time, ILogger<ScopePublisher> logger)
{
    // Long enough for a proxy that lost its stream to come back to a configuration that is ready.
    private static readonly TimeSpan IdleScopeLifetime = TimeSpan.FromMinutes(1);
    private readonly Dictionary<ProxyScope, LiveScope> _scopes = [];
    private TimeSpan _translating;

    public IEnumerable<Diagnostic> Diagnostics => _scopes.Values.SelectMany(scope => scope.Diagnostics);

    public int Count => _scopes.Count;

    public IEnumerable<ProxyScope> Scopes => _scopes.Keys;

    public LiveScope? Find(ProxyScope scope) => _scopes.GetValueOrDefault(scope);

    public IEnumerable<LiveScope> Live => _scopes.Values;

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
        live.Stale = true;
        cache.Patch(live.Scope, state.Snapshot.Revision, [XdsChange.Set(acknowledged)]);
    }

    /// <summary>After a policy change: translates the scopes whose part of the mesh differs. Returns how many.</summary>
    public int PolicyChanged(MeshState state)
    {
        var changed = 0;
        foreach (var live in _scopes.Values)
        {
            var (view, wasHeld) = (ScopeView.Of(state.Index, live.Scope, state.Contributions), live.IsHeld);
            if (!live.IsHeldBy(view.Contributions) && (view != live.View || live.Stale || wasHeld))
            {
                TryPublish(live, view, state);
                changed++;
            }
        }

        return changed;
    }

    /// <summary>Tries again where the last attempt failed.</summary>
    public void RetryStale(MeshState state)
    {
        foreach (var live in _scopes.Values.Where(live => live is { Stale: true, IsHeld: false }))
        {
            TryPublish(live, ScopeView.Of(state.Index, live.Scope, state.Contributions), state);
        }
    }

    /// <summary>After an endpoint change: renews the endpoint sets of those services, in the scopes that have them.</summary>
    public void EndpointsChanged(MeshState state, IReadOnlySet<ServiceKey> services)
    {
        foreach (var live in _scopes.Values)
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
                live.Stale = true;
                Log.ScopeFailed(logger, live.Scope.Identity, failure);
            }
        }
    }

    /// <summary>Forgets scopes that nobody has been attached to for a while.</summary>
    public void DropIdle()
    {
        var idle = _scopes.Values.Where(live => live.Streams == 0 && time.GetElapsedTime(live.IdleSince) > IdleScopeLifetime).ToArray();
        foreach (var live in idle)
        {
            _scopes.Remove(live.Scope);
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
        }
        catch (Exception failure)
        {
            live.Stale = true;
            Log.ScopeFailed(logger, live.Scope.Identity, failure);
        }
    }

    private void Publish(LiveScope live, ScopeView view, MeshState state)
    {
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
