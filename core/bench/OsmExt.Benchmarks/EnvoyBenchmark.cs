using System.Diagnostics;
using System.Net;
using Envoy.Config.Core.V3;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Meshes;
using OsmExt.Xds;
using OsmExt.Xds.Observability;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Server;
using OsmExt.Xds.Snapshots;
using Prometheus;

namespace OsmExt.Benchmarks;

/// <summary>
/// What a layout costs a real Envoy, version 1.40 or later: its memory with a permissive mesh of N services, and for one service
/// more the bytes it is sent and the processor time it takes. With virtual hosts in their route configuration, and by themselves.
/// </summary>
internal static class EnvoyBenchmark
{
    private const int Changes = 20;
    private static readonly CompilerOptions Options = new();

    public static async Task<int> RunAsync(string binary, int services)
    {
        Console.WriteLine($"{services} services       memory of Envoy (resident, allocated)   for one service added: bytes, processor time of Envoy");
        await ReportAsync(binary, services, incremental: false, "in the route configuration");
        await ReportAsync(binary, services, incremental: true, "virtual hosts by themselves");
        return 0;
    }

    private static async Task ReportAsync(string binary, int services, bool incremental, string layout)
    {
        var mesh = new GeneratedMesh(services + Changes);
        var late = Enumerable.Range(services, Changes).Select(index => mesh.Service(index).ToArray()).ToArray();
        var snapshot = ResourceSnapshot.Of(mesh.Objects().Except(late.SelectMany(objects => objects)));
        var proxy = MeshProxies.Of(snapshot, EndpointTable.Of(snapshot, Options), Options).All.First();
        var scope = proxy.ScopeFor(Capabilities.OfRelease(Capabilities.NewestEnvoy, incremental));
        var authority = new CertificateAuthority(RootCertificate.Create(TimeProvider.System.GetUtcNow()), Options.TrustDomain, TimeProvider.System);
        var certificate = authority.Issue(scope.Identity, TimeSpan.FromHours(24));

        await using var server = await StartAsync(scope);
        var cache = server.Services.GetRequiredService<SnapshotCache>();
        var sent = server.Services.GetRequiredService<XdsMetrics>().ResponseBytes;
        cache.Publish(scope, XdsSnapshot.Create(1, Resources()));
        var directory = Directory.CreateTempSubdirectory("osm-bench-");
        using var envoy = Start(binary, proxy, new Uri(server.Urls.First()).Port, directory);
        try
        {
            await SettledAsync(1);
            var resident = File.ReadLines($"/proc/{envoy.Id}/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
            using var http = new HttpClient();
            var memory = await http.GetStringAsync(new Uri($"http://127.0.0.1:{Ports.Admin}/memory"));
            var allocated = long.Parse(memory.Split('"').SkipWhile(part => part != "allocated").ElementAt(2));

            var (bytes, time) = (Sent(), envoy.TotalProcessorTime);
            for (var change = 0; change < Changes; change++)
            {
                snapshot = snapshot.Apply(new([.. late[change].Select(resource => new ResourceChange(resource.Key, resource))], [], true, 0), out _);
                cache.Publish(scope, XdsSnapshot.Create(change + 2, Resources()));
                await SettledAsync(change + 2);
            }

            envoy.Refresh();
            Console.WriteLine($"{layout,-28} {int.Parse(resident) / 1024.0,10:f1} MB {allocated / 1048576.0,10:f1} MB {(Sent() - bytes) / Changes,20:n0} {(envoy.TotalProcessorTime - time).TotalMilliseconds / Changes,12:f1} ms");
        }
        finally
        {
            envoy.Kill();
            await envoy.WaitForExitAsync();
            directory.Delete(recursive: true);
        }

        IEnumerable<XdsResource> Resources()
        {
            var endpoints = EndpointTable.Of(snapshot, Options);
            var view = ScopeView.Of(new(PolicyCompiler.Compile(snapshot, endpoints, Options).Mesh), scope);
            return [.. XdsTranslator.Policy(view).Resources, .. XdsTranslator.Endpoints(view, endpoints), .. XdsTranslator.SecretsOf(view, authority.Bundle, certificate)];
        }

        double Sent() => sent.GetAllLabelValues().Sum(labels => sent.WithLabels(labels).Value);

        // Acknowledged, and then quiet: Envoy asks for more because of what it was sent.
        async Task SettledAsync(int revision)
        {
            double before;
            do
            {
                before = Sent();
                await cache.WhenAcknowledgedAsync(revision, new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
                await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
            }
            while (Sent() > before || Sent() < 10_000);
        }
    }

    private static async Task<WebApplication> StartAsync(ProxyScope scope)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton<IMetricFactory>(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry()));
        builder.Services.AddSingleton<IXdsClientAuthorizer>(new Anybody(scope));
        builder.Services.AddXds();
        var app = builder.Build();
        app.MapXds();
        await app.StartAsync();
        return app;
    }

    private static Process Start(string binary, Proxy proxy, int port, DirectoryInfo directory)
    {
        var bootstrap = BootstrapConfig.Build(proxy.Identity, new DnsEndPoint("127.0.0.1", port), new CredentialPaths(directory.FullName));
        bootstrap.StaticResources!.Clusters[0].TransportSocket = null;
        var file = Path.Join(directory.FullName, "bootstrap.json");
        File.WriteAllText(file, EnvoyJson.ToNode(bootstrap)!.ToJsonString());
        return Process.Start(new ProcessStartInfo(binary, ["-c", file, "--disable-hot-restart", "--concurrency", "1", "--log-level", "error"]))!;
    }

    private sealed class Anybody(ProxyScope scope) : IXdsClientAuthorizer
    {
        public ValueTask<ClientDecision> AuthorizeAsync(HttpContext connection, Node node, XdsVariant variant, CancellationToken cancellationToken)
            => new(ClientDecision.Accept(new ConnectedClient(node.Id, scope)));
    }
}
