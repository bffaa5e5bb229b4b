using System.Net;
using Microsoft.Extensions.Logging;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.DataPlane.Bootstraps;
using OsmExt.DataPlane.Tests.Checks;
using OsmExt.DataPlane.Discovery;
using OsmExt.Sdk.Identity;

namespace OsmExt.DataPlane.Tests.Discovery;

/// <summary>The discovery client of one pod's sidecar, over a real stream; its traffic is only written down.</summary>
internal sealed class Sidecar : IAsyncDisposable
{
    private readonly SidecarFiles _files;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private Sidecar(ProxyIdentity identity, DnsEndPoint controlPlane, RunningControlPlane? plane)
    {
        Identity = identity;
        _files = new(identity, plane);
        var (bootstrap, problems) = BootstrapReader.Read(_files.Bootstrap(controlPlane));
        Assert.Empty(problems);
        var logger = LoggerFactory.Create(builder => builder.AddProvider(Logs).SetMinimumLevel(LogLevel.Trace)).CreateLogger("sidecar");
        Keeper = new(Traffic, new(Some.Check(bootstrap!.MaxRegexProgram)), bootstrap.Node.Id, TimeProvider.System, logger);
        var client = new DiscoveryClient(bootstrap.ControlPlane, NodeIdentity.Of(bootstrap.Node), Keeper, TimeProvider.System, new Chance(new Random(1)), logger);
        _running = client.RunAsync(_stop.Token);
    }

    public ProxyIdentity Identity { get; }

    public RecordedLogs Logs { get; } = new();

    public RecordedTraffic Traffic { get; } = new();

    public InventoryKeeper Keeper { get; }

    /// <summary>Starts the sidecar of a pod, and waits until everything is in force.</summary>
    public static async Task<Sidecar> StartAsync(RunningControlPlane plane, string pod)
    {
        var sidecar = Start(plane, pod);
        await sidecar.UntilLiveAsync();
        await plane.SettledAsync();
        return sidecar;
    }

    /// <summary>The same without waiting; it may dial another place than the control plane's own.</summary>
    public static Sidecar Start(RunningControlPlane plane, string pod, int? port = null, bool withCredentials = true)
        => new(plane.IdentityOf(pod), new("127.0.0.1", port ?? plane.XdsAddress.Port), withCredentials ? plane : null);

    public Task UntilLiveAsync() => Wait.UntilAsync(() => Keeper.Live.IsCompleted, () => Logs.Text);

    /// <summary>Gives it another certificate, where its bootstrap says.</summary>
    public void Renew(RunningControlPlane plane) => _files.Write(plane);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        Keeper.Dispose();
        _files.Dispose();
    }
}
