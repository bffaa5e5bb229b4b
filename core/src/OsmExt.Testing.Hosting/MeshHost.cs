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
using Microsoft.Extensions.Time.Testing;
using OsmExt.Compiler.Translation;
using OsmExt.ControlPlane;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.ControlPlane.Plugins;
using OsmExt.Identity;
using OsmExt.Kubernetes.Sources;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Xds;
using OsmExt.Xds.Server;
using Prometheus;

namespace OsmExt.Testing.Hosting;

/// <summary>
/// A whole control plane in the test's process, with plugins: the one that <c>osm run</c> starts, on ports of its own, with certificates and
/// discovery streams. Only its clock is virtual, and its objects come from the test.
/// </summary>
/// <example>
/// <code>
/// await using var mesh = await MeshHost.StartAsync(new() { Plugins = "bin/plugin" });
/// await mesh.ApplyAsync(File.ReadAllText("cases/hello/in.yaml"));
/// await using var web = await mesh.ConnectAsync("shop/web");
/// Assert.Contains("name: hello.header", web.Text&lt;Listener&gt;("inbound-listener"));
/// </code>
/// </example>
public sealed class MeshHost : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan HoldOff = TimeSpan.FromSeconds(1);

    private readonly DirectoryInfo _folder;
    private readonly FakeTimeProvider _time;
    private readonly WebApplication _host;

    private MeshHost(DirectoryInfo folder, FakeTimeProvider time, WebApplication host) => (_folder, _time, _host) = (folder, time, host);

    /// <summary>The mesh's clock. It stands still but for <see cref="AdvanceAsync"/>, and moments that it takes changes to reach proxies.</summary>
    public TimeProvider Time => _time;

    private MeshPipeline Pipeline => Get<MeshPipeline>();

    /// <summary>Starts a control plane of an empty mesh.</summary>
    /// <param name="options">Plugins and more; null for none.</param>
    public static async Task<MeshHost> StartAsync(MeshHostOptions? options = null)
    {
        // Certificates are looked at in both clocks, so the virtual one begins now.
        var (folder, time, any) = (Directory.CreateTempSubdirectory("osm-mesh-host-"), new FakeTimeProvider(TimeProvider.System.GetUtcNow()), new IPEndPoint(IPAddress.Loopback, 0));
        var host = ControlPlaneHost.Create(
            control =>
            {
                (control.Config, control.StateDirectory) = (["none"], Path.Combine(folder.FullName, "state"));
                (control.XdsAddress, control.HttpAddress, control.DebugAddress) = (any, any, any);
                (control.Plugins, control.PluginPolicy) = (options?.Plugins, options?.PluginPolicy);
            },
            new(),
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Services.AddSingleton(Metrics.NewCustomRegistry());
                builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time)).Replace(ServiceDescriptor.Singleton<IResourceSource>(new NoSource()));
            });
        var mesh = new MeshHost(folder, time, host);
        await host.StartAsync().ConfigureAwait(false);
        await mesh.ApplyAsync().ConfigureAwait(false);
        return mesh;
    }

    /// <summary>Adds objects, or replaces those with the same names, and waits until every proxy has answered what that changes for it.</summary>
    /// <param name="manifests">Kubernetes objects in YAML.</param>
    /// <exception cref="ArgumentException">They cannot be read as they are; the message says why.</exception>
    public Task ApplyAsync(params string[] manifests)
    {
        ArgumentNullException.ThrowIfNull(manifests);
        var file = Path.Combine(_folder.FullName, "in.yaml");
        File.WriteAllText(file, string.Join("\n---\n", manifests));
        var batch = ManifestDirectory.Load(Get<LivePluginKinds>().Current(), file);
        return batch.Diagnostics.Where(finding => finding.Severity == Severity.Error).ToArray() is { Length: > 0 } errors
            ? throw new ArgumentException(string.Join('\n', errors.Select(error => $"{error}")), nameof(manifests))
            : ChangeAsync(batch.Changes);
    }

    /// <summary>Removes an object, and waits as <see cref="ApplyAsync"/> does. Nothing happens when there is none.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="ns">Its namespace; empty for a Namespace.</param>
    /// <param name="name">Its name.</param>
    public Task RemoveAsync(string kind, string ns, string name) => ChangeAsync([new(new(kind, ns, name), null)]);

    /// <summary>
    /// Lets time pass, and waits until every proxy has answered. Certificates are renewed beside the mesh's own work: they may reach proxies with
    /// the next step only.
    /// </summary>
    /// <param name="by">How much.</param>
    public Task AdvanceAsync(TimeSpan by)
    {
        _time.Advance(by);
        return SettleAsync();
    }

    /// <summary>Connects a pod's proxy, and waits until it has everything.</summary>
    /// <param name="pod"><c>NAMESPACE/NAME</c> of a pod of the mesh.</param>
    /// <param name="envoy">The version of Envoy it says it is; null for the newest that is supported.</param>
    /// <exception cref="ArgumentException">There is no such pod in the mesh.</exception>
    public async Task<FakeProxy> ConnectAsync(string pod, string? envoy = null)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var found = pod.Split('/') is [var ns, var name] ? Pipeline.State!.Proxies.Find(new(nameof(Pod), ns, name)) : null;
        var identity = found?.Identity ?? throw new ArgumentException($"The mesh has no pod {pod}.", nameof(pod));
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

    /// <summary>Ends the control plane. Proxies should be disposed of before.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync().ConfigureAwait(false);
        await _host.DisposeAsync().ConfigureAwait(false);
        _folder.Delete(recursive: true);
    }

    private Task ChangeAsync(IEnumerable<ResourceChange> changes)
    {
        Get<ResourceStore>().Apply(new([.. changes], [], IsSynced: true, _time.GetTimestamp()));
        return SettleAsync();
    }

    // What has been read is compiled after a moment of quiet, which takes virtual time; then proxies answer, which takes real time.
    private async Task SettleAsync()
    {
        await TurnAsync().ConfigureAwait(false);
        _time.Advance(HoldOff);
        await TurnAsync().ConfigureAwait(false);
        var start = TimeProvider.System.GetTimestamp();
        while (!Get<StreamRegistry>().Describe().All(stream => stream.Revision is not null && stream.Types.All(type => type is { Pending: 0, Unanswered: false })))
        {
            if (TimeProvider.System.GetElapsedTime(start) > Bound)
            {
                throw new TimeoutException($"Not every proxy has answered within {Bound}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System).ConfigureAwait(false);
            _time.Advance(TimeSpan.FromMilliseconds(5));
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
