using System.Net.Sockets;
using OsmExt.LocalRuntime.Interception;
using OsmExt.LocalRuntime.Network;
using OsmExt.LocalRuntime.Processes;

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
            if (!plan.HostNetwork)
            {
                await run.Network.AddPodAsync(plan, cancellation).ConfigureAwait(false);
                SetHosts(services);
            }

            if (plan.Sidecar is { } sidecar)
            {
                await InterceptAsync(sidecar, cancellation).ConfigureAwait(false);
                Start(await EnvoyAsync(sidecar, cancellation).ConfigureAwait(false));
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

    /// <summary>Names as they are now.</summary>
    public void SetHosts(ServiceTable services)
    {
        if (!plan.HostNetwork)
        {
            NetworkNamespaces.SetHosts(plan.NetworkNamespace, HostsFile.For(services, plan.Key.Namespace, plan.HostName, plan.Addresses));
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
        PrivateDirectory.GiveTo(arriving, SidecarPorts.ProxyUser);
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
        if (!plan.HostNetwork)
        {
            await run.Network.RemovePodAsync(plan, CancellationToken.None).ConfigureAwait(false);
        }

        if (Directory.Exists(Files))
        {
            Directory.Delete(Files, recursive: true);
        }
    }

    private string SidecarFiles => Path.Join(Files, "proxy");

    private string Files => Path.Join(run.Directory.Files, plan.Folder);

    private async Task InterceptAsync(SidecarPlan sidecar, CancellationToken cancellation)
    {
        foreach (var family in plan.HasIpv6 ? (AddressFamily[])[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6] : [AddressFamily.InterNetwork])
        {
            await NetworkNamespaces.AddRulesAsync(plan.NetworkNamespace, family, InterceptionRules.For(sidecar.Interception, family), cancellation)
                .ConfigureAwait(false);
        }
    }

    private async Task<ProcessSpec> EnvoyAsync(SidecarPlan sidecar, CancellationToken cancellation)
    {
        var directory = SidecarFiles;
        PrivateDirectory.Create(directory);
        var bootstrap = await run.Options.WriteBootstrap(new(pod, directory), cancellation).ConfigureAwait(false);
        PrivateDirectory.GiveTo(directory, SidecarPorts.ProxyUser);
        return new($"{plan.Folder}/{PodPlanner.SidecarName}", sidecar.EnvoyPath)
        {
            Arguments = ["-c", bootstrap, "--disable-hot-restart", "--concurrency", "1", "--log-level", run.Options.EnvoyLogLevel],
            Environment = PodEnvironment.For(PodEnvironment.OfSidecar(pod.Pod), plan.HostName, directory),
            NetworkNamespace = plan.NetworkNamespace,
            User = SidecarPorts.ProxyUser,
        };
    }

    private ProcessSpec Container(ContainerPlan container)
    {
        var home = Path.Join(Files, "containers", container.Name);
        PrivateDirectory.Create(home);
        PrivateDirectory.GiveTo(home, container.User);
        return new($"{plan.Folder}/{container.Name}", container.Program.Executable)
        {
            Arguments = container.Program.Arguments,
            Environment = PodEnvironment.For(container.Environment, plan.HostName, home),
            WorkingDirectory = container.Program.Directory,
            NetworkNamespace = plan.NetworkNamespace,
            User = container.User,
        };
    }

    private void Start(ProcessSpec spec)
    {
        var process = new SupervisedProcess(spec, run.Supervision);
        _processes = [.. _processes, process];
        process.Start();
    }
}
