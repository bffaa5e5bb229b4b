using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler;
using OsmExt.ControlPlane.Options;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Resources;
using OsmExt.Xds.Server;
using Prometheus;
using Node = Envoy.Config.Core.V3.Node;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>A control plane that really runs: files, sockets, certificates. Only its clock may be virtual.</summary>
internal sealed partial class RunningControlPlane : IAsyncDisposable
{
    private readonly WebApplication _host;
    private readonly HttpClient _http = new();
    private readonly string[] _addresses;

    private RunningControlPlane(WebApplication host, RecordedLogs logs)
    {
        _host = host;
        Logs = logs;
        _addresses = [.. host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];
    }

    public RecordedLogs Logs { get; }

    public Uri XdsAddress => new(_addresses[0]);

    public Uri DebugAddress => new(_addresses[2]);

    /// <summary>Waits until a host that has been started knows its mesh.</summary>
    public static async Task<RunningControlPlane> ReadyAsync(WebApplication host, RecordedLogs logs)
    {
        var plane = new RunningControlPlane(host, logs);
        await Wait.UntilAsync(() => plane.Pipeline.State is not null, () => logs.Text);
        return plane;
    }

    public static async Task<RunningControlPlane> StartAsync(
        MeshDirectory mesh, TimeProvider? time = null, Action<ControlPlaneOptions>? configure = null, CompilerOptions? compiler = null)
    {
        var logs = new RecordedLogs();
        var any = new IPEndPoint(IPAddress.Loopback, 0);
        var host = ControlPlaneHost.Create(
            options =>
            {
                (options.Config, options.StateDirectory) = ([mesh.Manifests], mesh.State);
                (options.XdsAddress, options.HttpAddress, options.DebugAddress) = (any, any, any);
                options.CredentialPatience = TimeSpan.FromMinutes(10);
                configure?.Invoke(options);
            },
            compiler ?? new(),
            builder =>
            {
                builder.Logging.ClearProviders().AddProvider(logs).SetMinimumLevel(LogLevel.Trace);
                builder.Services.AddSingleton(Metrics.NewCustomRegistry());
                builder.Services.Replace(ServiceDescriptor.Singleton(time ?? TimeProvider.System));
            });
        await host.StartAsync();
        return await ReadyAsync(host, logs);
    }

    public MeshPipeline Pipeline => Get<MeshPipeline>();

    public T Get<T>()
        where T : notnull
        => _host.Services.GetRequiredService<T>();

    /// <summary>Who the proxy of a pod, written NAMESPACE/NAME, is.</summary>
    public ProxyIdentity IdentityOf(string pod)
        => Pipeline.State!.Proxies.Find(new(nameof(Pod), pod.Split('/')[0], pod.Split('/')[1]))!.Identity;

    /// <summary>A client of the xDS port.</summary>
    public AdsTestClient Client(X509Certificate2? certificate, string nodeId, Node? node = null, string? trusted = null)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(trusted ?? Get<CertificateAuthority>().XdsBundle.Pem);
        return new(XdsAddress, new()
        {
            ClientCertificate = certificate,
            TrustedRoots = roots,
            ServerName = Get<CertificateAuthority>().XdsServer.DnsName,
            NodeId = nodeId,
            Node = node ?? new(),
        });
    }

    public X509Certificate2 CertificateOf(ProxyIdentity proxy)
    {
        var issued = Get<CertificateAuthority>().Issue(proxy, TimeSpan.FromDays(30));
        return X509Certificate2.CreateFromPem(issued.ChainPem, System.Text.Encoding.ASCII.GetString(issued.PrivateKeyPem.Reveal().Span));
    }

    /// <summary>Connects a pod's proxy, which behaves as Envoy does, and waits until it has everything.</summary>
    public async Task<TestProxy> ConnectAsync(string pod, string variant, TestProxy? before = null, Node? node = null)
    {
        var identity = IdentityOf(pod);
        var proxy = new TestProxy(Client(CertificateOf(identity), identity.NodeId, node), variant, before);
        await proxy.UntilAsync(() => proxy.IsComplete);
        await SettledAsync();
        return proxy;
    }

    /// <summary>Waits until all that is known has been compiled, published, sent and answered.</summary>
    public async Task SettledAsync()
    {
        await Pipeline.AskAsync(_ => true, CancellationToken.None).WaitAsync(Wait.Bound, TimeProvider.System);
        await Wait.UntilAsync(
            () => Get<StreamRegistry>().Describe().All(stream => stream.Revision is not null && stream.Types.All(type => type is { Pending: 0,
                Unanswered: false })),
            () => Logs.Text);
    }

    public Task<HttpResponseMessage> HttpAsync(string path) => _http.GetAsync(new Uri(new Uri(_addresses[1]), path));

    public Task<string> HttpTextAsync(string path) => _http.GetStringAsync(new Uri(new Uri(_addresses[1]), path));

    /// <summary>The text; null when the answer is an error.</summary>
    public async Task<string?> HttpTextIfOkAsync(string path)
    {
        using var response = await HttpAsync(path);
        return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync() : null;
    }

    public Task<string> DebugTextAsync(string path) => _http.GetStringAsync(new Uri(new Uri(_addresses[2]), path));

    public async Task<HttpResponseMessage> DebugPostAsync(string path, string body)
    {
        using var content = new StringContent(body);
        return await _http.PostAsync(new Uri(new Uri(_addresses[2]), path), content);
    }

    public async Task<JsonNode> DebugAsync(string path) => JsonNode.Parse(await DebugTextAsync(path))!;

    /// <summary>The sum of a metric's series whose line contains the text.</summary>
    public async Task<double> MetricAsync(string name, string containing = "")
        => (await HttpTextAsync("/metrics")).Split('\n')
            .Where(line => (line.StartsWith(name + " ", StringComparison.Ordinal) || line.StartsWith(name + "{", StringComparison.Ordinal))
                && line.Contains(containing, StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.StopAsync();
        await _host.DisposeAsync();
    }
}
