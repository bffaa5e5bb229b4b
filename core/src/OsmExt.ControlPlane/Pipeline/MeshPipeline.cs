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
/// The one loop that turns changes into configuration. It does six things, and nothing else happens to the mesh's state:
/// runs what others posted (a proxy came or went, certificates were replaced); takes what the source has read; publishes
/// endpoint changes at once; compiles policy after a moment of quiet, or at the latest after a while; takes
/// the next step of a change of roots, after which proxies with old credentials are asked for new ones; and looks into what proxies refuse.
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
    private readonly ConcurrentQueue<Action<MeshState>> _posted = new();
    private readonly ChangeTriage _triage = new(compiler);
    private readonly HoldOff _policy = new(options.Value.PolicyQuiet, options.Value.PolicyMaxDelay, time);
    private EndpointTable? _endpoints;
    private ResourceSnapshot _snapshot = ResourceSnapshot.Empty;
    private volatile MeshState? _state;
    private (MeshState? Of, SortedSet<Diagnostic> Found) _lasting = (null, []);

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
            _lasting = (state, new(state.Snapshot.Diagnostics.Concat(state.PolicyDiagnostics).Concat(state.Contributions.Diagnostics)
                .Concat(PluginReview.Of(state.Index.Mesh, state.Contributions, state.Snapshot, compiler)).Concat(EndpointReview.Of(state.Index.Mesh, state.Endpoints, state.Snapshot))));
        }

        return _lasting.Found;
    }

    /// <summary>Whether policy was made of everything that has been read; for the loop only.</summary>
    public bool IsCompiled => !_policy.IsWaiting;

    /// <summary>Runs on the loop, as soon as there is a state to run on.</summary>
    public void Post(Action<MeshState> action)
    {
        _posted.Enqueue(action);
        wakeup.Set();
    }

    /// <summary>Runs on the loop and hands the result back.</summary>
    public async Task<T> AskAsync<T>(Func<MeshState, T> question, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(state =>
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

        if (_state is { } settled)
        {
            scopes.RetryStale(settled);
            proxies.RetryPlacing(settled);
            _state = rejections.Turn(rotation.Turn(settled));
            review.Turn();
        }

        scopes.DropIdle();
        metrics.Report(proxies.Count, scopes.Count);
    }

    private void TakeIn(PendingChanges changes)
    {
        var journey = ChangeJourney.Begin(ChangeKind.Endpoints, changes.ObservedAt, time);
        _snapshot = changes.Snapshot;
        metrics.Count(changes);
        metrics.Namespaces(MonitoredNamespaces.Of(_snapshot, compiler).Count);
        if (_endpoints is not { } before || _state is not { } state)
        {
            _endpoints = EndpointTable.Of(_snapshot, compiler);
            _triage.ConcernsPolicy(changes, _endpoints, _endpoints, new HashSet<ServiceKey>());
            _policy.Request(changes.ObservedAt, immediately: true);
            return;
        }

        // Which namespaces are in the mesh decides what counts as an endpoint at all.
        IReadOnlySet<ServiceKey> touched;
        if (changes.Differences.Any(difference => difference.Key.Kind == nameof(Namespace)))
        {
            _endpoints = EndpointTable.Of(_snapshot, compiler);
            touched = _endpoints.ChangedSince(before);
        }
        else
        {
            _endpoints = before.Update(_snapshot, MonitoredNamespaces.Of(_snapshot, compiler), changes.Differences, out touched);
        }

        if (_triage.ConcernsPolicy(changes, before, _endpoints, touched, plugins.Current.Reads))
        {
            _policy.Request(changes.ObservedAt);
        }

        _state = state = state with
        {
            Snapshot = _snapshot,
            Endpoints = _endpoints,
            Proxies = changes.Differences.Any(difference => difference.Key.Kind == nameof(Pod)) ? MeshProxies.Of(_snapshot, _endpoints, compiler) : state.Proxies,
        };
        journey.Compiled();
        scopes.TakeTranslationTime();
        proxies.Place(state);
        scopes.EndpointsChanged(state, touched);
        if (!_policy.IsWaiting && changes.ObservedAt is not null)
        {
            journey.Queued(scopes.TakeTranslationTime());
            convergence.Follow(_snapshot.Revision, journey);
        }
    }

    private void CompilePolicy(ChangeKind kind = ChangeKind.Policy)
    {
        var journey = ChangeJourney.Begin(kind, _policy.Taken(), time);
        var asked = PolicyCompiler.Compile(_snapshot, _endpoints!, compiler, _state?.Asked, rotation.TrustDomains);
        var contributions = plugins.Current.Contribute(asked.Mesh, _snapshot, compiler).Under(rejections.Quarantine);
        var compiled = PluginTraffic.Apply(asked, contributions, _snapshot, _state?.Index.Mesh);
        var index = ReferenceEquals(compiled.Mesh, _state?.Index.Mesh) ? _state!.Index : new(compiled.Mesh);
        var state = new MeshState(_snapshot, index, _endpoints!, MeshProxies.Of(_snapshot, _endpoints!, compiler), compiled.Diagnostics, contributions) { Asked = asked.Mesh };
        _state = state;
        journey.Compiled();
        scopes.TakeTranslationTime();
        proxies.Place(state);
        var changed = scopes.PolicyChanged(state);
        journey.Queued(scopes.TakeTranslationTime());
        rejections.Look();
        metrics.PolicyCompiled(time.GetElapsedTime(journey.NoticedAt));
        Log.PolicyCompiled(logger, _snapshot.Revision, compiled.Mesh.Services.Count, changed, scopes.Count, compiled.Diagnostics.Count);
        convergence.Follow(_snapshot.Revision, journey);
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
        }
        catch (Exception)
        {
            plugins.Current = before;
            throw;
        }

        before.DisposeExcept(next);
    }

    /// <summary>Follows what another replica has put in force; for the loop only.</summary>
    public void Adopt(RootState roots) => _state = rotation.Adopt(roots, _state!);

    /// <summary>Has new versions of plugins looked at, and takes the step that is due.</summary>
    public Task TurnRolloutsAsync(PluginRollouts rollouts, CancellationToken cancellationToken) => AskAsync(
        state =>
        {
            if (rollouts.Turn(plugins.Current, scopes.Live, state.Contributions, rejections.IsSettled) is { } next)
            {
                Adopt(next);
            }

            return true;
        }, cancellationToken);

    /// <summary>Called when plugins may contribute something else though no object has changed, from any thread.</summary>
    public void ContributionsChanged() => Post(_ => _policy.Request(time.GetTimestamp()));

    /// <summary>Called when certificates were replaced, from any thread.</summary>
    public void CertificatesReplaced(IReadOnlySet<WorkloadIdentity> identities)
    {
        var noticedAt = time.GetTimestamp();
        Post(state =>
        {
            var journey = ChangeJourney.Begin(ChangeKind.Certificates, noticedAt, time);
            scopes.TakeTranslationTime();
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
