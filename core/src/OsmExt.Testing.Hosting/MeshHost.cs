using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Envoy.Config.Core.V3;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler.Translation;
using OsmExt.ControlPlane;
using OsmExt.ControlPlane.Observability;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Identity;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Hosting.Network;
using OsmExt.Testing.Hosting.Sidecars;
using OsmExt.Testing.Hosting.Sidecars.Envoys;
using OsmExt.Testing.Xds;
using OsmExt.Xds.Server;
using Prometheus;

namespace OsmExt.Testing.Hosting;

/// <summary>
/// A whole mesh in the test's process: the control plane that <c>osm run</c> starts, with certificates and discovery streams, and for each pod
/// that traffic comes to or from a sidecar that carries out what it is sent, with mutual TLS. Only the network between pods is in memory, and
/// objects come from the test. Meshes beside each other do not see each other.
/// </summary>
/// <example>
/// <code>
/// await using var mesh = await MeshHost.StartAsync(new() { Paths = ["manifests"] });
/// mesh.Run("shop/store", app => app.MapGet("/books", () => "many"));
/// await mesh.Pod("shop/web").ShouldReach("http://store/books");
/// </code>
/// </example>
public sealed partial class MeshHost : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder;
    private readonly MeshClock _time;
    private readonly WebApplication _host;
    private readonly MeshNetwork _network;
    private readonly SidecarLauncher _launcher;

    private MeshHost(DirectoryInfo folder, MeshClock time, WebApplication host, SidecarLauncher launcher, MeshNetwork network)
    {
        (_folder, _time, _host, _launcher, _network) = (folder, time, host, launcher, network);
        _texts = new(folder);
    }

    /// <summary>The mesh's clock; see <see cref="AdvanceAsync"/>.</summary>
    public TimeProvider Time => _time;

    /// <summary>What its sidecars are, in words, and for <see cref="MeshDataPlane.Auto"/> why.</summary>
    public string DataPlane => _launcher.DataPlane.Description;

    /// <summary>Where its files are while it lives.</summary>
    internal string Folder => _folder.FullName;

    /// <summary>Where proxies connect.</summary>
    internal int Port => _launcher.Port;

    private MeshPipeline Pipeline => Get<MeshPipeline>();

    private MeshState State => Pipeline.State!;

    /// <summary>Starts a mesh.</summary>
    /// <param name="options">Its first objects, plugins and more; null for an empty mesh.</param>
    /// <exception cref="ArgumentException">The objects cannot be read as they are, or options do not go together; the message says why.</exception>
    /// <exception cref="InvalidOperationException">Envoy is asked for, and there is none; the message says where it was looked for and what to do.</exception>
    public static async Task<MeshHost> StartAsync(MeshHostOptions? options = null)
    {
        options ??= new();
        var choice = await DataPlaneChoice.OfAsync(options).ConfigureAwait(false);
        var (folder, time, any) = (Directory.CreateTempSubdirectory("osm-mesh-host-"), new MeshClock(options.StandingClock), new IPEndPoint(IPAddress.Loopback, 0));
        var host = ControlPlaneHost.Create(
            control =>
            {
                (control.Config, control.StateDirectory) = (["none"], Path.Combine(folder.FullName, "state"));
                (control.XdsAddress, control.HttpAddress, control.DebugAddress) = (any, any, any);
                (control.Plugins, control.PluginPolicy) = (options.Plugins, options.PluginPolicy);
                (control.PolicyQuiet, control.PolicyMaxDelay) = (TimeSpan.Zero, TimeSpan.Zero);
                control.ShortestCertificateValidity = options.ShortestCertificateValidity;
            },
            new(),
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Services.AddSingleton(Metrics.NewCustomRegistry());
                builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time)).Replace(ServiceDescriptor.Singleton<IResourceSource>(new NoSource()));
            });
        var network = new MeshNetwork();
        IDataPlane sidecars;
        try
        {
            await host.StartAsync().ConfigureAwait(false);
            sidecars = choice.Envoy is { } envoy
                ? new EnvoyDataPlane(envoy, folder, await DiscoveryRelay.StartAsync(new SocketFolder(folder.FullName).Discovery, time).ConfigureAwait(false), network, time)
                : new EmbeddedDataPlane(network, time, options.Seed, host.Services.GetRequiredService<ILoggerFactory>(), choice.Why);
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            time.Dispose();
            folder.Delete(recursive: true);
            throw;
        }

        var xds = new Uri(host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        var launcher = new SidecarLauncher(folder, host.Services.GetRequiredService<CertificateAuthority>(), new(IPAddress.Parse(xds.Host), xds.Port), sidecars);
        var mesh = new MeshHost(folder, time, host, launcher, network);
        try
        {
            await mesh.BeginAsync(options).ConfigureAwait(false);
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Puts the clock forward, and waits until what is due is done and every proxy has answered: certificates that are due are replaced, limits
    /// fill up, requests that have waited too long end.
    /// </summary>
    /// <param name="by">How much.</param>
    /// <exception cref="InvalidOperationException">Sidecars are Envoys, which go by the machine's clock.</exception>
    public async Task AdvanceAsync(TimeSpan by)
    {
        if (!_launcher.DataPlane.FollowsClock)
        {
            throw new InvalidOperationException("Envoys go by the machine's clock, so the mesh's cannot be put forward. Tests of rotation, limits and timeouts need DataPlane = MeshDataPlane.Embedded.");
        }

        _time.Advance(by);
        foreach (var proxy in State.Proxies.All.Where(proxy => _network.Pod($"{proxy.Pod.Namespace}/{proxy.Pod.Name}").Sidecar.IsStarted))
        {
            _launcher.Renew(proxy.Identity);
        }

        // Certificates are replaced, and told of, beside the pipeline.
        var certificates = Get<WorkloadCertificates>();
        await UntilAsync(() => new(certificates.NextRotation is not { } due || due > _time.GetUtcNow() ? null : "Certificates that are due have not been replaced.")).ConfigureAwait(false);
        Pipeline.CertificatesReplaced(State.Proxies.All.Select(proxy => proxy.Identity.Workload).ToHashSet());
        await SettleAsync().ConfigureAwait(false);
    }

    /// <summary>Connects a pod's proxy that carries no traffic, but shows what it is sent and answers as it is told; it waits until it has everything.</summary>
    /// <param name="pod"><c>NAMESPACE/NAME</c> of a pod of the mesh.</param>
    /// <param name="envoy">The version of Envoy it says it is; null for the newest that is supported.</param>
    /// <exception cref="ArgumentException">There is no such pod in the mesh.</exception>
    public async Task<FakeProxy> ConnectAsync(string pod, string? envoy = null)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var found = pod.Split('/') is [var ns, var name] ? State.Proxies.Find(new(nameof(Pod), ns, name)) : null;
        var identity = found?.Identity ?? throw new ArgumentException($"The mesh has no pod {pod} with a sidecar.", nameof(pod));
        var authority = Get<CertificateAuthority>();
        var issued = authority.Issue(identity, TimeSpan.FromDays(30));
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(authority.XdsBundle.Pem);
        var client = new AdsTestClient(new(_host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()), new()
        {
            ClientCertificate = X509Certificate2.CreateFromPem(issued.ChainPem, Encoding.ASCII.GetString(issued.PrivateKeyPem.Reveal().Span)),
            TrustedRoots = roots, ServerName = authority.XdsServer.DnsName, NodeId = identity.NodeId, Node = NodeOf(envoy ?? Capabilities.NewestEnvoy),
        });
        var proxy = new FakeProxy(pod, new TestProxy(client, "delta"));
        await proxy.UntilCompleteAsync().ConfigureAwait(false);
        await SettleAsync().ConfigureAwait(false);
        return proxy;
    }

    /// <summary>Everything that is wrong with the objects and the plugins at this moment, in order.</summary>
    public Task<IReadOnlyList<Diagnostic>> DiagnosticsAsync() => Pipeline.DiagnosticsAsync(CancellationToken.None).WaitAsync(Bound, TimeProvider.System);

    /// <summary>Ends the mesh, with its clients and applications. Fake proxies should be disposed of before.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            client.Close();
        }

        await _network.DisposeAsync().ConfigureAwait(false);
        await _launcher.DataPlane.DisposeAsync().ConfigureAwait(false);
        await _host.StopAsync().ConfigureAwait(false);
        await _host.DisposeAsync().ConfigureAwait(false);
        _time.Dispose();
        if (_folder.Exists)
        {
            _folder.Delete(recursive: true);
        }
    }

    /// <summary>Waits until what has been handed over is compiled, every proxy has answered, and every sidecar carries it out.</summary>
    private async Task SettleAsync()
    {
        await TurnAsync().ConfigureAwait(false);
        // Twice: what one sidecar finishes last, such as closing connections, may be news for one that was looked at before.
        await UntilAsync(UnsettledAsync).ConfigureAwait(false);
        await UntilAsync(UnsettledAsync).ConfigureAwait(false);
    }

    private async ValueTask<string?> UnsettledAsync()
    {
        var silent = Get<StreamRegistry>().Lags().Where(lag => !lag.Backlog.IsEmpty).Select(lag => $"{lag.ProxyId} ({Receipts.Why(lag)})").ToArray();
        if (silent.Length > 0)
        {
            return $"These proxies have not answered: {string.Join(", ", silent)}.";
        }

        var waiting = await Task.WhenAll(_network.Pods.Select(async pod => pod.Sidecar.Running is { } sidecar
            && await sidecar.WaitsForAsync().ConfigureAwait(false) is { } reason ? $"{pod.Name} ({reason})" : "")).ConfigureAwait(false);
        return waiting.FirstOrDefault(reason => reason.Length > 0) is { } first ? $"Not in force yet: {first}." : null;
    }

    private static async Task UntilAsync(Func<ValueTask<string?>> otherwise)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (await otherwise().ConfigureAwait(false) is { } reason)
        {
            if (TimeProvider.System.GetElapsedTime(start) > Bound)
            {
                throw new TimeoutException($"The mesh has not settled within {Bound}. {reason}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System).ConfigureAwait(false);
        }
    }

    // A question is answered on the loop, after all that came before it.
    private Task<bool> TurnAsync() => Pipeline.AskAsync(_ => true, CancellationToken.None).WaitAsync(Bound, TimeProvider.System);

    private T Get<T>()
        where T : notnull
        => _host.Services.GetRequiredService<T>();

    private static Node NodeOf(string envoy)
    {
        var number = Version.Parse(envoy);
        var extensions = Capabilities.OfRelease(envoy).TypeUrls.Order(StringComparer.Ordinal).Select(type => new Extension { TypeUrls = { type } });
        return new()
        {
            UserAgentName = "envoy",
            UserAgentBuildVersion = new() { Version = new() { MajorNumber = (uint)number.Major, MinorNumber = (uint)number.Minor, Patch = (uint)Math.Max(0, number.Build) } },
            Extensions = { extensions },
        };
    }
}
