using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using OsmExt.Cli.Local;

namespace OsmExt.Cli.Clusters;

/// <summary>The pages of a running mesh: of its control plane, and of its sidecars' Envoys.</summary>
internal sealed class RunningMesh : IDisposable
{
    private readonly IDisposable? _owner;
    private readonly Func<string, CancellationToken, Task<HttpClient>>? _admin;

    private RunningMesh(IReadOnlyList<(string, HttpClient)> replicas, IDisposable? owner, Func<string, CancellationToken, Task<HttpClient>>? admin)
        => (Replicas, _owner, _admin) = (replicas, owner, admin);

    /// <summary>The debug pages of each replica of the control plane, the leader's first, and where it is.</summary>
    public IReadOnlyList<(string Name, HttpClient Debug)> Replicas { get; }

    /// <summary>The local mesh it is; null when it is none.</summary>
    public LocalMeshView? Local { get; private init; }

    /// <summary>The cluster it is in, when it was found there; else null.</summary>
    public ClusterSession? Session { get; private init; }

    /// <summary>The mesh at an address. Where its sidecars are, nobody knows.</summary>
    public static RunningMesh At(string name, HttpClient debug) => new([(name, debug)], null, null);

    /// <summary>A mesh on this machine.</summary>
    public static RunningMesh OfLocal(LocalMeshView local) => new([($"the local mesh {local.Name}", local.CreateDebugClient())], null, (pod, _) => Task.FromResult(local.CreateAdminClient(pod))) { Local = local };

    /// <summary>A mesh in a cluster.</summary>
    /// <param name="session">The cluster.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="ownsSession">Whether the connection ends with it.</param>
    public static async Task<RunningMesh> OfAsync(ClusterSession session, CancellationToken cancellation, bool ownsSession = false)
    {
        var pods = await ControllerPods.PodsAsync(session, session.OsmNamespace, cancellation).ConfigureAwait(false);
        return new(
            [.. pods.Select(pod => ($"pod {session.OsmNamespace}/{pod}", PortForward.CreateClient(session, session.OsmNamespace, pod, MeshNames.DebugPort)))],
            ownsSession ? session : null, (pod, stop) => AdminAsync(session, pod, stop)) { Session = session };
    }

    /// <summary>The sidecars of a cluster, without the control plane.</summary>
    public static RunningMesh SidecarsOf(ClusterSession session) => new([], session, (pod, stop) => AdminAsync(session, pod, stop));

    /// <summary>Reads a page of one replica.</summary>
    public static async Task<JsonNode> ReadAsync((string Name, HttpClient Debug) replica, string page, CancellationToken cancellation)
    {
        try
        {
            using var answer = await replica.Debug.GetAsync(new Uri($"/debug/{page}", UriKind.Relative), cancellation).ConfigureAwait(false);
            var text = await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? JsonNode.Parse(text)!
                : throw new CommandException(
                    $"{replica.Name} has no page /debug/{page} ({(int)answer.StatusCode}); is it a control plane of this version?",
                    answer.StatusCode == HttpStatusCode.NotFound ? ExitCode.UnusableInput : ExitCode.Failed);
        }
        catch (HttpRequestException failure) when (failure.InnerException is CommandException inner)
        {
            throw inner;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new CommandException($"no control plane answers at {replica.Name} ({failure.Message}); is it running, and is this its --debug-address?");
        }
    }

    /// <summary>Sends something to a page of one replica.</summary>
    public static async Task<(HttpStatusCode Status, string Text)> PostAsync((string Name, HttpClient Debug) replica, string page, HttpContent content, CancellationToken cancellation)
    {
        try
        {
            using var answer = await replica.Debug.PostAsync(new Uri($"/debug/{page}", UriKind.Relative), content, cancellation).ConfigureAwait(false);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false));
        }
        catch (HttpRequestException failure) when (failure.InnerException is CommandException inner)
        {
            throw inner;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new CommandException($"no control plane answers at {replica.Name} ({failure.Message}); is it running, and is this its --debug-address?");
        }
    }

    /// <summary>Envoy's admin endpoint of a pod, <c>NAMESPACE/POD</c>.</summary>
    /// <exception cref="CommandException">The pod has none.</exception>
    public Task<HttpClient> AdminAsync(string pod, CancellationToken cancellation) => (_admin ?? throw new CommandException(
        $"where the sidecars of the mesh at {Replicas[0].Name} are is not known; say --local for a local mesh, or --context or --kubeconfig for a cluster", ExitCode.UnusableInput))(pod, cancellation);

    /// <summary>The same of a cluster's pod.</summary>
    public static async Task<HttpClient> AdminAsync(ClusterSession session, string pod, CancellationToken cancellation)
    {
        var (ns, name) = pod.Split('/', 2) is [var first, var second] ? (first, second) : throw new ArgumentException(pod, nameof(pod));
        V1Pod found;
        try
        {
            found = await session.Api.CoreV1.ReadNamespacedPodAsync(name, ns, cancellationToken: cancellation).ConfigureAwait(false);
        }
        catch (HttpOperationException failure) when (failure.Is(HttpStatusCode.NotFound))
        {
            throw new CommandException($"there is no pod {pod} in {session.Connection.Name}", ExitCode.UnusableInput);
        }

        return found.GetLabel(MeshNames.ProxyUuid) is null ? throw new CommandException($"pod {pod} has no sidecar (no label {MeshNames.ProxyUuid}); osm namespace add and a restart give it one", ExitCode.UnusableInput)
            : found.Status?.Phase != "Running" ? throw new CommandException($"pod {pod} is not running: it is {ControllerPods.Phase(found)}")
            : PortForward.CreateClient(session, ns, name, MeshNames.AdminPort);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, debug) in Replicas)
        {
            debug.Dispose();
        }

        _owner?.Dispose();
    }
}
