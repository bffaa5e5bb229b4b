using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OsmExt.Compiler;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy;
using OsmExt.ControlPlane.Observability;
using OsmExt.ControlPlane.Options;
using OsmExt.ControlPlane.Plugins;
using OsmExt.ControlPlane.Rejections;
using OsmExt.ControlPlane.Roots;
using OsmExt.ControlPlane.Serving;
using OsmExt.Identity.Roots;
using OsmExt.PluginHost;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Pipeline;

/// <summary>
/// The one loop that turns changes into configuration. In each turn, and nothing else happens to the mesh's state, it takes what the source
/// has read and publishes endpoint changes at once; compiles policy when it is time to; runs what others posted (a proxy went,
/// certificates were replaced); works for a slice of time on scopes that policy changed and on proxies that come, namespaces
/// taking turns; takes the next step of a change of roots, after which proxies with old credentials are asked for new ones;
/// and looks into what proxies refuse. Whatever is left for another turn, endpoints go first in it.
/// </summary>
internal sealed partial class MeshPipeline(
    ResourceStore store,
    Wakeup wakeup,
    ScopePublisher scopes,
    ConnectedProxies proxies,
    RootRotation rotation,
    CredentialReview review,
    RejectionReview rejections,
    ConvergenceLog convergence,
    PipelineMetrics metrics,
    CompilerOptions compiler,
    PluginsInForce plugins,
    IOptions<ControlPlaneOptions> options,
    TimeProvider time,
    ILogger<MeshPipeline> logger) : BackgroundService
{
    // How long an endpoint change may have to wait for other work.
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentQueue<Action<MeshState>> _posted = new();
    private readonly ConcurrentQueue<(string Namespace, Action<MeshState> Action)> _arriving = new();
    private readonly FairLines<Action<MeshState>> _arrived = new();
    private readonly ChangeTriage _triage = new(compiler);
    private readonly HoldOff _policy = new(options.Value.PolicyQuiet, options.Value.PolicyMaxDelay, time);
    private EndpointTable? _endpoints;
    private ResourceSnapshot _snapshot = ResourceSnapshot.Empty;
    private MonitoredNamespaces _namespaces = MonitoredNamespaces.Of(ResourceSnapshot.Empty, compiler);
    private volatile MeshState? _state;
    private CompiledPolicy? _unfinished;
    private (MeshState? Of, SortedSet<Diagnostic> Found) _lasting = (null, []);
    private EndpointReview? _unserved;

    /// <summary>The newest state; null until the first list is complete.</summary>
    public MeshState? State => _state;

    /// <summary>Everything found wrong at this moment, in order.</summary>
    public Task<IReadOnlyList<Diagnostic>> DiagnosticsAsync(CancellationToken cancellationToken) => AskAsync(Diagnostics, cancellationToken);

    /// <summary>The same for whoever is on the loop.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics(MeshState state)
        => [.. new SortedSet<Diagnostic>(Lasting(state).Concat(scopes.Diagnostics).Concat(rotation.Diagnostics(state)).Concat(rejections.Diagnostics))];

    // What is wrong with a state by itself is looked for once: statuses ask again and again.
    private SortedSet<Diagnostic> Lasting(MeshState state)
    {
        if (!ReferenceEquals(_lasting.Of, state))
        {
            _unserved = EndpointReview.Of(state.Index, state.Endpoints, state.Snapshot, _unserved);
            _lasting = (state, new(state.Snapshot.Diagnostics.Concat(state.PolicyDiagnostics).Concat(state.Contributions.Diagnostics)
                .Concat(PluginReview.Of(state.Index.Mesh, state.Contributions, state.Snapshot, compiler)).Concat(_unserved.Findings)));
        }

        return _lasting.Found;
    }

    /// <summary>Whether policy was made of everything that has been read, and published; for the loop only.</summary>
    public bool IsCompiled => !_policy.IsWaiting && _unfinished is null;

    /// <summary>Runs on the loop, as soon as there is a state to run on.</summary>
    public void Post(Action<MeshState> action)
    {
        _posted.Enqueue(action);
        wakeup.Set();
    }

    /// <summary>Runs on the loop and hands the result back.</summary>
    public Task<T> AskAsync<T>(Func<MeshState, T> question, CancellationToken cancellationToken) => AskAsync(Post, question, cancellationToken);

    /// <summary>The same for what may take a while and many may ask for at once: it waits in the namespace's line.</summary>
    public Task<T> AskInTurnAsync<T>(string ns, Func<MeshState, T> question, CancellationToken cancellationToken) => AskAsync(
        action =>
        {
            _arriving.Enqueue((ns, cancellationToken.IsCancellationRequested ? static _ => { } : action));
            wakeup.Set();
        }, question, cancellationToken);

    private static async Task<T> AskAsync<T>(Action<Action<MeshState>> post, Func<MeshState, T> question, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        post(state =>
        {
            try
            {
                answer.TrySetResult(question(state));
            }
            catch (Exception failure)
            {
                answer.TrySetException(failure);
            }
        });
        return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var pause = Sooner(_policy.Remaining, Sooner(rotation.DueIn, review.DueIn)) ?? options.Value.HousekeepingInterval;
                await wakeup.WaitAsync(pause, time, stoppingToken).ConfigureAwait(false);
                Turn();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // What is published stays in force; the next change tries again.
                Log.TurnFailed(logger, failure);
                wakeup.Set();
            }
        }
    }

    internal void Turn()
    {
        var start = time.GetTimestamp();
        if (store.Take() is { } changes)
        {
            TakeIn(changes);
        }

        if (_policy.IsDue)
        {
            CompilePolicy();
        }

        while (_state is { } state && _posted.TryDequeue(out var posted))
        {
            posted(state);
        }

        WorkUntil(start);
        if (_state is { } settled)
        {
            scopes.RetryStale(settled);
            proxies.RetryPlacing(settled);
            settled = rotation.Turn(settled);
            _state = scopes.IsBehind ? settled : rejections.Turn(settled);
            review.Turn();
        }

        scopes.DropIdle();
        metrics.Report(proxies.Count, scopes.Count);
    }

    // One of each in turn: newcomers do not hold up who is there, nor the other way round.
    private void WorkUntil(long start)
    {
        while (_arriving.TryDequeue(out var arriving))
        {
            _arrived.Add(arriving.Namespace, arriving.Action);
        }

        var isLeft = true;
        while (_state is { } state && isLeft)
        {
            isLeft = scopes.Advance(state);
            FinishPolicy();
            if (_arrived.TryTake(out var action))
            {
                isLeft = true;
                action(state);
            }

            if (isLeft && time.GetElapsedTime(start) >= Slice)
            {
                wakeup.Set();
                return;
            }
        }
    }

    private void TakeIn(PendingChanges changes)
    {
        var journey = ChangeJourney.Begin(ChangeKind.Endpoints, changes.ObservedAt, time);
        _snapshot = changes.Snapshot;
        metrics.Count(changes);
        var namespacesChanged = changes.Differences.Any(difference => difference.Key.Kind == nameof(Namespace));
        if (namespacesChanged)
        {
            _namespaces = MonitoredNamespaces.Of(_snapshot, compiler);
            metrics.Namespaces(_namespaces.Count);
        }

        if (_endpoints is not { } before || _state is not { } state)
        {
            _endpoints = EndpointTable.Of(_snapshot, compiler);
            _triage.ConcernPolicy(changes, _endpoints, _endpoints, new HashSet<ServiceKey>());
            _policy.Request("", changes.ObservedAt, immediately: true);
            return;
        }

        // Which namespaces are in the mesh decides what counts as an endpoint at all.
        IReadOnlySet<ServiceKey> touched;
        if (namespacesChanged)
        {
            _endpoints = EndpointTable.Of(_snapshot, compiler);
            touched = _endpoints.ChangedSince(before);
        }
        else
        {
            _endpoints = before.Update(_snapshot, _namespaces, changes.Differences, out touched);
        }

        foreach (var origin in _triage.ConcernPolicy(changes, before, _endpoints, touched, plugins.Current.Reads))
        {
            _policy.Request(origin, changes.ObservedAt);
        }

        var pods = changes.Differences.Where(difference => difference.Key.Kind == nameof(Pod)).ToArray();
        _state = state = state with
        {
            Snapshot = _snapshot,
            Endpoints = _endpoints,
            Proxies = pods.Length == 0 ? state.Proxies : _policy.IsWaiting ? MeshProxies.Of(_snapshot, _endpoints, compiler, state.Proxies)
                : state.Proxies.Update(_snapshot, pods, compiler),
        };
        journey.Compiled();
        SetTranslationTimeAside();
        proxies.Place(state, pods.Select(pod => pod.Key));
        scopes.EndpointsChanged(state, touched);
        if (!_policy.IsWaiting && changes.ObservedAt is not null)
        {
            journey.Queued(scopes.TakeTranslationTime());
            convergence.Follow(_snapshot.Revision, journey);
        }
    }

    private void CompilePolicy(ChangeKind kind = ChangeKind.Policy)
    {
        // What is not through yet is published with this, and has waited for longer.
        var noticedAt = _policy.Taken();
        var journey = ChangeJourney.Begin(kind, _unfinished?.Journey.NoticedAt ?? noticedAt, time);
        var asked = PolicyCompiler.Compile(_snapshot, _endpoints!, compiler, _state?.Memo, rotation.TrustDomains);
        var contributions = plugins.Current.Contribute(asked.Mesh, _snapshot, compiler).Under(rejections.Quarantine);
        var compiled = PluginTraffic.Apply(asked, contributions, _snapshot, _state?.Index.Mesh);
        var index = ReferenceEquals(compiled.Mesh, _state?.Index.Mesh) ? _state!.Index : new(compiled.Mesh, _state?.Index);
        var state = new MeshState(_snapshot, index, _endpoints!, MeshProxies.Of(_snapshot, _endpoints!, compiler, _state?.Proxies), compiled.Diagnostics, contributions) { Asked = asked.Mesh, Memo = asked.Memo };
        _state = state;
        _policy.Done();
        journey.Compiled();
        scopes.TakeTranslationTime();
        proxies.Place(state);
        scopes.PolicyChanged();
        _unfinished = new(_snapshot.Revision, journey, compiled.Mesh.Services.Count, compiled.Diagnostics.Count);
    }

    // Of policies that follow each other before their scopes are through, the last is published, on behalf of all.
    private void FinishPolicy()
    {
        if (_unfinished is not { } policy || scopes.IsBehind)
        {
            return;
        }

        _unfinished = null;
        policy.Journey.Queued(policy.Translating + scopes.TakeTranslationTime());
        rejections.Look();
        metrics.PolicyCompiled(time.GetElapsedTime(policy.Journey.NoticedAt));
        Log.PolicyCompiled(logger, policy.Revision, policy.Services, scopes.Finish(_state!), scopes.Count, policy.Findings);
        convergence.Follow(policy.Revision, policy.Journey);
    }

    // Policy is translated piece by piece, and other changes come in between.
    private void SetTranslationTimeAside()
    {
        var taken = scopes.TakeTranslationTime();
        if (_unfinished is { } policy)
        {
            policy.Translating += taken;
        }
    }

    private sealed record CompiledPolicy(long Revision, ChangeJourney Journey, int Services, int Findings)
    {
        public TimeSpan Translating { get; set; }
    }

    private static TimeSpan? Sooner(TimeSpan? left, TimeSpan? right) => left is null || right < left ? right ?? left : left;

    /// <summary>Puts other plugins in force, and everything they contribute at once; on failure the ones before stay.</summary>
    public Task AdoptAsync(PluginSet next, CancellationToken cancellationToken) => AskAsync(
        _ =>
        {
            Adopt(next);
            return true;
        }, cancellationToken);

    private void Adopt(PluginSet next)
    {
        var before = plugins.Current;
        try
        {
            plugins.Current = next;
            CompilePolicy(ChangeKind.Plugins);
            FinishScopes();
        }
        catch (Exception)
        {
            plugins.Current = before;
            throw;
        }

        before.DisposeExcept(next);
    }

    private void FinishScopes()
    {
        scopes.Finish(_state!);
        FinishPolicy();
    }

    /// <summary>Follows what another replica has put in force; for the loop only.</summary>
    public void Adopt(RootState roots) => _state = rotation.Adopt(roots, _state!);

    /// <summary>Has new versions of plugins looked at, and takes the step that is due.</summary>
    public Task TurnRolloutsAsync(PluginRollouts rollouts, CancellationToken cancellationToken) => AskAsync(
        state =>
        {
            FinishScopes();
            if (rollouts.Turn(plugins.Current, scopes.Live, state.Contributions, rejections.IsSettled) is { } next)
            {
                Adopt(next);
            }

            return true;
        }, cancellationToken);

    /// <summary>Called when plugins may contribute something else though no object has changed, from any thread.</summary>
    public void ContributionsChanged() => Post(_ => _policy.Request("", time.GetTimestamp()));

    /// <summary>Called when certificates were replaced, from any thread.</summary>
    public void CertificatesReplaced(IReadOnlySet<WorkloadIdentity> identities)
    {
        var noticedAt = time.GetTimestamp();
        Post(state =>
        {
            var journey = ChangeJourney.Begin(ChangeKind.Certificates, noticedAt, time);
            SetTranslationTimeAside();
            scopes.CertificatesReplaced(state, identities);
            journey.Queued(scopes.TakeTranslationTime());
            convergence.Follow(state.Snapshot.Revision, journey);
        });
    }

    private static partial class Log
    {
        [LoggerMessage(5001, LogLevel.Information, "Policy of revision {Revision}: {Services} service ports, {Changed} of {Scopes} scopes changed, {Findings} findings")]
        public static partial void PolicyCompiled(ILogger logger, long revision, int services, int changed, int scopes, int findings);

        [LoggerMessage(5002, LogLevel.Error, "A change could not be carried out; what proxies have stays in force")]
        public static partial void TurnFailed(ILogger logger, Exception failure);
    }
}
