using System.Net;
using k8s.Models;
using Microsoft.Extensions.Logging;
using OsmExt.LocalRuntime;
using OsmExt.LocalRuntime.Network;
using OsmExt.LocalRuntime.Pods;
using OsmExt.LocalRuntime.Processes;
using OsmExt.Node.Containers;
using OsmExt.Node.Volumes;
using OsmExt.Sdk.Collections;

namespace OsmExt.Node.Pods;

/// <summary>
/// A pod as written: its volumes, its init containers one after the other, those that go on running beside the rest included, then its
/// containers; and all of that taken down again in the order of a kubelet.
/// </summary>
internal sealed partial class NodePod(V1Pod pod, IPAddress address, NodeContext node, Action changed)
{
    private static readonly TimeSpan VolumeLook = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    public PodPlan Plan { get; } = new(
        new("Pod", pod.Metadata.NamespaceProperty, pod.Metadata.Name), NetworkNames.Pod(node.Options.Name, pod.Metadata.NamespaceProperty, pod.Metadata.Name), [address])
    {
        Uid = pod.Metadata.Uid, HostName = pod.Spec.Hostname ?? pod.Metadata.Name,
    };

    private readonly string _folder = $"{pod.Metadata.NamespaceProperty}.{pod.Metadata.Name}";
    private Task _run = Task.CompletedTask;
    private volatile RunningContainer[] _init = [];
    private volatile RunningContainer[] _main = [];

    public V1Pod Pod => pod;

    public string Uid => pod.Metadata.Uid;

    public IPAddress Address => address;

    /// <summary>Why it does not get further; null when nothing is in its way.</summary>
    public string? Problem { get; private set; }

    public bool IsInitialized { get; private set; }

    public IReadOnlyList<RunningContainer> InitContainers => _init;

    public IReadOnlyList<RunningContainer> Containers => _main;

    private string Files => Path.Join(node.FilesDirectory, $"{_folder}-{pod.Metadata.Uid[..8]}");

    private PodVolumes Volumes => field ??= new(pod, Path.Join(Files, "volumes"), node.Api, Field);

    public void Start() => _run = RunAsync(_stopping.Token);

    public async Task StopAsync(TimeSpan grace)
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_main.Select(container => container.StopAsync(grace)));
        // What started first ends last.
        foreach (var sidecar in _init.Reverse())
        {
            await sidecar.StopAsync(grace);
        }

        await _run;
        await node.Network.RemovePodAsync(Plan, CancellationToken.None);
        if (Directory.Exists(Files))
        {
            Directory.Delete(Files, recursive: true);
        }
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await node.Network.AddPodAsync(Plan, node.Services, cancellation);
            await WriteVolumesAsync(cancellation);
            foreach (var container in pod.Spec.InitContainers ?? [])
            {
                var sidecar = string.Equals(container.RestartPolicy, "Always", StringComparison.Ordinal);
                var running = Container(container, sidecar, onFailure: pod.Spec.RestartPolicy is null or "Always" or "OnFailure");
                _init = [.. _init, running];
                running.Start();
                if (!sidecar)
                {
                    await running.WhenDoneAsync();
                    if (running.LastExit != 0)
                    {
                        return;
                    }
                }

                while (sidecar && !running.IsStarted)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellation);
                }
            }

            IsInitialized = true;
            var always = pod.Spec.RestartPolicy is null or "Always";
            _main = [.. pod.Spec.Containers.Select(container => Container(container, always, pod.Spec.RestartPolicy is "OnFailure"))];
            _main.ToList().ForEach(container => container.Start());
            changed();
            while (!_main.All(container => container.IsDone))
            {
                await Task.Delay(VolumeLook, TimeProvider.System, cancellation);
                await WriteVolumesAsync(cancellation);
            }

            // A job's pod is done when its containers are; what runs beside them ends too.
            foreach (var sidecar in _init.Reverse())
            {
                await sidecar.StopAsync(TimeSpan.FromSeconds(5));
            }

            changed();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Told to stop while it was starting.
        }
        catch (Exception e)
        {
            // Whatever it is, it is this pod's problem alone.
            Problem = e.ToString();
            Log.NotRun(node.Logger, _folder, e);
            changed();
        }
    }

    private async Task WriteVolumesAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await Volumes.WriteAsync(TimeProvider.System, cancellation);
                (var was, Problem) = (Problem, null);
                if (was is not null)
                {
                    changed();
                }

                return;
            }
            catch (Exception e) when (e is InvalidOperationException or k8s.Autorest.HttpOperationException or HttpRequestException)
            {
                if (Problem != e.Message)
                {
                    Problem = e.Message;
                    changed();
                }

                if (IsInitialized)
                {
                    return;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, cancellation);
            }
        }
    }

    private RunningContainer Container(V1Container container, bool always, bool onFailure)
    {
        var inside = PodNetwork.OfNode(node.Options.Name);
        return new(
            container, always, onFailure, cancellation => SpecAsync(container, cancellation), new(inside, address.ToString(), container), node.Options.LogDirectory, node.Journal, node.Logger, changed);
    }

    private async Task<ContainerSpec> SpecAsync(V1Container container, CancellationToken cancellation)
    {
        var environment = await ContainerEnvironment.ReadAsync(pod, container, node.Api, Field,
        [
            new("KUBERNETES_SERVICE_HOST", ServiceReader.ApiAddress), new("KUBERNETES_SERVICE_PORT", "443"), new("KUBERNETES_SERVICE_PORT_HTTPS", "443"),
        ], cancellation);
        var found = ContainerProgram.Find(
            new(container.Name)
            {
                Image = container.Image, Command = [.. container.Command ?? []],
                Arguments = [.. container.Args ?? []],
                Environment = LabelSet.From(environment),
            },
            node.Options.ImagesDirectory, environment["PATH"]);
        return new(
            $"{_folder}/{container.Name}", found.Program?.Executable ?? throw new InvalidOperationException($"ErrImagePull: {found.Reason}"),
            found.Program.Arguments)
        {
            NetworkNamespace = Plan.NetworkNamespace!,
            Root = Path.Join(Files, "roots", $"{container.Name}-{Path.GetRandomFileName()[..8]}"),
            Mounts = [.. ImageFiles(found.Program.Directory), .. (container.VolumeMounts ?? []).Select(mount => new Mount(
                Path.Join(Volumes.PathOf(mount.Name), ContainerProgram.Expand(mount.SubPathExpr ?? mount.SubPath ?? "", environment.GetValueOrDefault)).TrimEnd('/'), mount.MountPath,
                mount.ReadOnlyProperty ?? false))],
            Environment = environment,
            User = Users.Of(pod, container),
            ReadOnlyRoot = container.SecurityContext?.ReadOnlyRootFilesystem ?? false,
            WorkingDirectory = container.WorkingDir ?? found.Program.Directory,
        };
    }

    // What an image has besides its program: links in its folder "root", named as the container sees them.
    private static IEnumerable<Mount> ImageFiles(string image)
    {
        var root = new DirectoryInfo(Path.Join(image, "root"));
        return !root.Exists ? [] : root.EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Where(entry => entry.LinkTarget is not null)
            .Select(link => new Mount(link.ResolveLinkTarget(returnFinalTarget: true)!.FullName, $"/{Path.GetRelativePath(root.FullName, link.FullName)}", ReadOnly: true));
    }

    private string Field(string path)
    {
        pod.Status ??= new();
        pod.Status.PodIP = address.ToString();
        pod.Status.PodIPs = [new() { Ip = address.ToString() }];
        return PodFields.Of(pod, path, node.Options.Name, node.Address);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 20, Level = LogLevel.Error, Message = "{Pod} cannot run")]
        public static partial void NotRun(ILogger logger, string pod, Exception failure);
    }
}
