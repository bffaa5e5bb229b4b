using System.Net;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler.Translation;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.DataPlane.Bootstraps;
using OsmExt.DataPlane.Checks;
using OsmExt.DataPlane.Discovery;
using OsmExt.Envoy;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;

namespace OsmExt.DataPlane.Tests.Discovery;

/// <summary>The discovery client of one pod's sidecar, over a real stream; its traffic is only written down.</summary>
internal sealed class Sidecar : IAsyncDisposable
{
    private readonly DirectoryInfo _credentials = Directory.CreateTempSubdirectory("osm-sidecar-");
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private Sidecar(ProxyIdentity identity, DnsEndPoint controlPlane, RunningControlPlane plane)
    {
        Identity = identity;
        Renew(plane);
        var (bootstrap, problems) = BootstrapReader.Read(EnvoyJson.ToYaml(BootstrapConfig.Build(identity, controlPlane, new CredentialPaths(_credentials.FullName))));
        Assert.Empty(problems);
        var logger = LoggerFactory.Create(builder => builder.AddProvider(Logs).SetMinimumLevel(LogLevel.Trace)).CreateLogger("sidecar");
        Keeper = new(Traffic, new(new ResourceCheck(bootstrap!.MaxRegexProgram)), bootstrap.Node.Id, TimeProvider.System, logger);
        var client = new DiscoveryClient(bootstrap.ControlPlane, NodeIdentity.Of(bootstrap.Node), Keeper, TimeProvider.System, new Random(1), logger);
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
    public static Sidecar Start(RunningControlPlane plane, string pod, int? port = null)
        => new(plane.IdentityOf(pod), new("127.0.0.1", port ?? plane.XdsAddress.Port), plane);

    public Task UntilLiveAsync() => Wait.UntilAsync(() => Keeper.Live.IsCompleted, () => Logs.Text);

    /// <summary>Writes a certificate and the trusted roots where the bootstrap says.</summary>
    public void Renew(RunningControlPlane plane, TimeSpan? validity = null)
    {
        var authority = plane.Get<CertificateAuthority>();
        var issued = authority.Issue(Identity, validity ?? TimeSpan.FromDays(30));
        var paths = new CredentialPaths(_credentials.FullName);
        File.WriteAllBytes(paths.Trust, CredentialFiles.Trust(authority.XdsBundle).Reveal().ToArray());
        File.WriteAllBytes(paths.Certificate, CredentialFiles.Certificate(issued.ChainPem, issued.PrivateKeyPem).Reveal().ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _credentials.Delete(recursive: true);
    }
}
