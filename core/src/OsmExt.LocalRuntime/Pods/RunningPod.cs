using OsmExt.Interception;
using OsmExt.LocalRuntime.Network;
using OsmExt.LocalRuntime.Processes;
using OsmExt.Sdk.Collections;

namespace OsmExt.LocalRuntime.Pods;

/// <summary>A pod's processes.</summary>
internal sealed class RunningPod(PodPlan plan, LocalPod pod, MeshRun run)
{
    private volatile SupervisedProcess[] _processes = [];

    public PodPlan Plan => plan;

    public IEnumerable<ProcessStatus> Processes => _processes.Select(process => process.Status);

    /// <summary>
    /// Starts the pod in the order of a real one: network, interception, then sidecar and containers side by side. When that
    /// fails, nothing of the pod stays.
    /// </summary>
    public async Task StartAsync(ServiceTable services, CancellationToken cancellation)
    {
        try
        {
            await run.Network.AddPodAsync(plan, services, cancellation).ConfigureAwait(false);
            if (plan.Sidecar is { } sidecar)
            {
                Start(await SidecarAsync(sidecar, cancellation).ConfigureAwait(false));
            }

            foreach (var container in plan.Containers)
            {
                Start(Container(container));
            }
        }
        catch
        {
            await StopAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Replaces files of the sidecar, in the order that is returned. The proxy's user owns them before it sees them.</summary>
    public bool ReplaceSidecarFiles(Func<string, IReadOnlyList<string>> write)
    {
        if (plan.Sidecar is null)
        {
            return false;
        }

        var arriving = Path.Join(Files, "arriving");
        PrivateDirectory.Create(arriving);
        var names = write(arriving);
        Give(arriving, SidecarUser);
        foreach (var name in names)
        {
            File.Move(Path.Join(arriving, name), Path.Join(SidecarFiles, name), overwrite: true);
        }

        Directory.Delete(arriving, recursive: true);
        return true;
    }

    /// <summary>Ends the processes and removes the pod's network and files.</summary>
    public async Task StopAsync()
    {
        await Task.WhenAll(_processes.Select(process => process.DisposeAsync().AsTask())).ConfigureAwait(false);
        _processes = [];
        await run.Network.RemovePodAsync(plan, CancellationToken.None).ConfigureAwait(false);

        if (Directory.Exists(Files))
        {
            Directory.Delete(Files, recursive: true);
        }
    }

    private string SidecarFiles => Path.Join(Files, "proxy");

    private string Files => Path.Join(run.Directory.Files, plan.Folder);

    // People look at a local mesh's access logs while they try it; Envoy writes them every 10 seconds by itself. In milliseconds.
    private const string FlushInterval = "500";

    private uint? SidecarUser => run.Options.Loopback is null ? SidecarPorts.ProxyUser : null;

    private async Task<ProcessSpec> SidecarAsync(SidecarPlan sidecar, CancellationToken cancellation)
    {
        var directory = SidecarFiles;
        PrivateDirectory.Create(directory);
        var bootstrap = await run.Options.WriteBootstrap(new(pod, directory), cancellation).ConfigureAwait(false);
        Give(directory, SidecarUser);
        return new($"{plan.Folder}/{sidecar.Name}", sidecar.Program)
        {
            Arguments = sidecar.Embedded is { } first
                ? [.. first, "-c", bootstrap, .. run.Network.SidecarArguments(plan)]
                : ["-c", bootstrap, "--disable-hot-restart", "--concurrency", "1", "--log-level", run.Options.EnvoyLogLevel, "--file-flush-interval-msec", FlushInterval],
            Environment = PodEnvironment.For(
                sidecar.Embedded is null ? PodEnvironment.OfSidecar(pod.Pod) : LabelSet.From([.. PodEnvironment.OfSidecar(pod.Pod), .. PodEnvironment.OfSmallPrograms]),
                plan.HostName, directory),
            NetworkNamespace = plan.NetworkNamespace,
            User = SidecarUser,
        };
    }

    private ProcessSpec Container(ContainerPlan container)
    {
        var home = Path.Join(Files, "containers", container.Name);
        PrivateDirectory.Create(home);
        Give(home, container.User);
        return new($"{plan.Folder}/{container.Name}", container.Program.Executable)
        {
            Arguments = container.Program.Arguments,
            Environment = PodEnvironment.For(run.Network.Environment(plan, container.Environment), plan.HostName, home),
            WorkingDirectory = container.Program.Directory,
            NetworkNamespace = plan.NetworkNamespace,
            User = container.User,
        };
    }

    private static void Give(string directory, uint? user)
    {
        if (user is { } owner && OperatingSystem.IsLinux())
        {
            PrivateDirectory.GiveTo(directory, owner);
        }
    }

    private void Start(ProcessSpec spec)
    {
        var process = new SupervisedProcess(spec, run.Supervision);
        _processes = [.. _processes, process];
        process.Start();
    }
}
