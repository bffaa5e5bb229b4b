using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using OsmExt.DataPlane.Entry;
using OsmExt.LocalRuntime.Network;
using OsmExt.LocalRuntime.Pods;
using OsmExt.LocalRuntime.Processes;
using OsmExt.LocalRuntime.State;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime;

/// <summary>
/// A mesh of real processes on this machine: pods are network namespaces with real netfilter rules, or loopback addresses where there is no
/// privilege; sidecars are Envoys, or the embedded data plane. It knows what to run, not why: pods, services and endpoints are given. Ask
/// <see cref="LocalPreflight"/> first.
/// </summary>
internal sealed partial class LocalMesh : IAsyncDisposable
{
    // Starting a pod is mostly waiting for small tools; more at once only makes each slower.
    private const int PodsAtOnce = 4;
    private const string ControlPlaneName = "control-plane";

    private readonly MeshRun _run;
    private readonly PodPlanner _planner;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Lock _disposeGate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private volatile RunningPod[] _pods = [];
    private volatile SupervisedProcess? _controlPlane;
    private ServiceTable _services = ServiceTable.Empty;
    private Task? _disposed;

    private LocalMesh(MeshRun run)
    {
        _run = run;
        _planner = new(run.Options);
    }

    /// <summary>Canceled when the mesh goes down: by <see cref="DisposeAsync"/>, or by SIGINT, SIGTERM or SIGHUP.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Every process of the mesh as it is now, by name.</summary>
    public IReadOnlyList<ProcessStatus> Processes =>
    [
        .. _pods.SelectMany(pod => pod.Processes)
            .Concat(_controlPlane is { } controlPlane ? [controlPlane.Status] : Array.Empty<ProcessStatus>())
            .OrderBy(process => process.Name, StringComparer.Ordinal),
    ];

    /// <summary>
    /// Cleans up after an earlier run, makes the node's network and starts the control plane. While the mesh runs, the first
    /// SIGINT, SIGTERM or SIGHUP takes it down instead of ending this process.
    /// </summary>
    public static async Task<LocalMesh> StartAsync(LocalMeshOptions options, TimeProvider time, ILogger logger, CancellationToken cancellation)
    {
        if (!NetworkNames.IsMesh(options.Name))
        {
            throw new ArgumentException($"'{options.Name}' is no name for a mesh: lower-case letters, digits and hyphens, at most 30.", nameof(options));
        }

        var directory = StateDirectory.Open(options.StateDirectory, options.Loopback is null);
        LocalMesh mesh;
        try
        {
            await Leftovers.CleanAsync(directory, time, logger, cancellation).ConfigureAwait(false);
            var journal = RunJournal.Begin(directory.Path, options.Name, options.Loopback is null);
            IMeshNetwork network = options.Loopback is { } block ? new LoopbackMeshNetwork(block, directory.Files, time)
                : OperatingSystem.IsLinux() ? new NamespaceNetwork(options, journal)
                : throw new PlatformNotSupportedException("Network namespaces exist on Linux only.");
            mesh = new LocalMesh(new(options, directory, network, new(options.LogDirectory, options.StopGrace, journal, time, logger)));
        }
        catch
        {
            directory.Dispose();
            throw;
        }

        try
        {
            await mesh.StartAsync(cancellation).ConfigureAwait(false);
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Removes what an earlier run left behind. False when there was nothing.</summary>
    /// <exception cref="InvalidOperationException">The mesh is running.</exception>
    public static async Task<bool> CleanAsync(string stateDirectory, TimeProvider time, ILogger logger, CancellationToken cancellation)
    {
        using var directory = StateDirectory.Open(stateDirectory, isForOthers: false);
        return await Leftovers.CleanAsync(directory, time, logger, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes the mesh be this: starts what is new, stops what is gone, starts anew what changed, leaves the rest alone.
    /// </summary>
    /// <returns>The pods that cannot run as asked, and why. They are not running; all others are.</returns>
    public async Task<IReadOnlyList<Diagnostic>> ApplyAsync(
        IReadOnlyCollection<LocalPod> pods, IReadOnlyCollection<Service> services, IReadOnlyCollection<EndpointSlice> endpoints, CancellationToken cancellation)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stopping.Token);
        var byKey = pods.ToDictionary(pod => pod.Pod.Key);
        await _gate.WaitAsync(linked.Token).ConfigureAwait(false);
        try
        {
            var (plans, diagnostics) = await _planner.PlanAsync(pods, linked.Token).ConfigureAwait(false);
            await SetServicesAsync(ServiceTable.From(services, endpoints), linked.Token).ConfigureAwait(false);
            var kept = _pods.Where(pod => plans.Contains(pod.Plan)).ToArray();
            await StopAsync(_pods.Except(kept), kept).ConfigureAwait(false);
            var running = kept.Select(pod => pod.Plan.Key).ToHashSet();
            await StartAsync(plans.Where(plan => !running.Contains(plan.Key)).Select(plan => new RunningPod(plan, byKey[plan.Key], _run)), linked.Token)
                .ConfigureAwait(false);
            return diagnostics;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Makes names and virtual addresses follow the services; pods are left alone.</summary>
    public async Task UpdateServicesAsync(
        IReadOnlyCollection<Service> services, IReadOnlyCollection<EndpointSlice> endpoints, CancellationToken cancellation)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stopping.Token);
        await _gate.WaitAsync(linked.Token).ConfigureAwait(false);
        try
        {
            await SetServicesAsync(ServiceTable.From(services, endpoints), linked.Token).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Replaces files beside a running sidecar's bootstrap, each at once, as its Envoy follows them.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="write">Writes the new files into an empty directory, and names them in the order in which they are to be replaced.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>False when no such sidecar runs.</returns>
    public async Task<bool> ReplaceSidecarFilesAsync(ResourceKey pod, Func<string, IReadOnlyList<string>> write, CancellationToken cancellation)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stopping.Token);
        await _gate.WaitAsync(linked.Token).ConfigureAwait(false);
        try
        {
            return Array.Find(_pods, running => running.Plan.Key == pod)?.ReplaceSidecarFiles(write) ?? false;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Where a pod is when pods are loopback addresses; null when they are namespaces, or there is no such pod.</summary>
    public LoopbackPod? PlaceOf(ResourceKey pod) => _run.Network.PlaceOf(pod);

    /// <summary>A way into a pod's network.</summary>
    public PodNetwork NetworkOf(ResourceKey pod) => PodNetwork.OfPod(_run.Options.Name, pod.Namespace, pod.Name);

    /// <summary>Stops everything and removes all that the mesh made.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_disposeGate)
        {
            return new(_disposed ??= TakeDownAsync());
        }
    }

    private async Task StartAsync(CancellationToken cancellation)
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, OnSignal));
        }

        await _run.Network.CreateAsync(cancellation).ConfigureAwait(false);
        await SetServicesAsync(ServiceTable.Empty, cancellation).ConfigureAwait(false);
        if (_run.Options.ControlPlane is { } command)
        {
            var home = Path.Join(_run.Directory.Files, ControlPlaneName);
            PrivateDirectory.Create(home);
            _controlPlane = new(new(ControlPlaneName, command.Executable)
            {
                Arguments = command.Arguments,
                Environment = PodEnvironment.For(command.Environment, ControlPlaneName, home),
                NetworkNamespace = _run.Network.NodeNamespace,
            }, _run.Supervision);
            _controlPlane.Start();
        }
    }

    private void OnSignal(PosixSignalContext context)
    {
        // A second one means: now. What is left then is removed by the next run.
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        context.Cancel = true;
        Log.Stopping(_run.Supervision.Logger, _run.Options.Name, context.Signal);
        _ = DisposeAsync().AsTask();
    }

    private async Task SetServicesAsync(ServiceTable table, CancellationToken cancellation)
    {
        await _run.Network.SetServicesAsync(table, [.. _pods.Select(pod => pod.Plan)], cancellation).ConfigureAwait(false);
        _services = table;
    }

    private async Task StopAsync(IEnumerable<RunningPod> gone, RunningPod[] kept)
    {
        var stopping = gone.ToArray();
        _pods = kept;
        await Task.WhenAll(stopping.Select(pod => pod.StopAsync())).ConfigureAwait(false);
    }

    private async Task StartAsync(IEnumerable<RunningPod> fresh, CancellationToken cancellation)
    {
        using var slots = new SemaphoreSlim(PodsAtOnce);
        await Task.WhenAll(fresh.Select(StartOneAsync)).ConfigureAwait(false);

        async Task StartOneAsync(RunningPod pod)
        {
            await slots.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                await pod.StartAsync(_services, cancellation).ConfigureAwait(false);
                lock (slots)
                {
                    _pods = [.. _pods, pod];
                }
            }
            finally
            {
                slots.Release();
            }
        }
    }

    private async Task TakeDownAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            await StopAsync(_pods, []).ConfigureAwait(false);
            if (_controlPlane is { } controlPlane)
            {
                await controlPlane.DisposeAsync().ConfigureAwait(false);
            }

            await _run.Network.DeleteAsync(CancellationToken.None).ConfigureAwait(false);
            _run.Directory.RemoveFiles();
            _run.Supervision.Journal.End();
        }
        catch (Exception e)
        {
            Log.NotClean(_run.Supervision.Logger, _run.Options.Name, e);
            throw;
        }
        finally
        {
            _signals.ForEach(signal => signal.Dispose());
            _run.Directory.Dispose();
            _gate.Release();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 7020, EventName = nameof(Stopping), Level = LogLevel.Information, Message = "{Signal}: taking mesh {Mesh} down")]
        public static partial void Stopping(ILogger logger, string mesh, PosixSignal signal);

        [LoggerMessage(EventId = 7021, EventName = nameof(NotClean), Level = LogLevel.Error,
            Message = "Not all of mesh {Mesh} could be removed; its next run, or a clean, will try again")]
        public static partial void NotClean(ILogger logger, string mesh, Exception exception);
    }
}
