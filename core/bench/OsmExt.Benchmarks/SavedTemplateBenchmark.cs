using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler;
using OsmExt.Compiler.Translation;
using OsmExt.ControlPlane;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Envoy;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;
using Prometheus;

namespace OsmExt.Benchmarks;

/// <summary>
/// How long it takes from a template that is saved until a real Envoy has a listener made with it: a control plane with its files, and one sidecar of a
/// mesh of so many services. Envoy is asked again and again for the configuration that is active.
/// </summary>
internal static class SavedTemplateBenchmark
{
    private const int WarmUps = 5;
    private const int Changes = 40;
    private const string Plugin = "HeaderTransform";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(string binary, int services)
    {
        Console.WriteLine("| services | changes | p50 | p99 | shortest |\n| --- | --- | --- | --- | --- |");
        var directory = Directory.CreateTempSubdirectory("osm-bench-").FullName;
        try
        {
            var (manifests, plugins) = (Directory.CreateDirectory(Path.Join(directory, "manifests")).FullName, Path.Join(directory, "plugins"));
            await File.WriteAllTextAsync(Path.Join(manifests, "mesh.yaml"), Mesh(services));
            foreach (var file in ((string[])["plugin.yaml", "schema/header-transform.yaml", "templates/header-mutation.scriban"]))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Join(plugins, file))!);
                File.Copy(Path.Join(OfficialPlugins.FolderOf(Plugin), file), Path.Join(plugins, file));
            }

            await using var host = await StartAsync(directory, manifests, plugins);
            using var envoy = await EnvoyAsync(binary, host, Directory.CreateDirectory(Path.Join(directory, "envoy")).FullName);
            try
            {
                var times = await MeasureAsync(Path.Join(plugins, "templates", "header-mutation.scriban"));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {services:n0} | {Changes} | {times[Changes / 2]:f0} ms | {times[(int)Math.Ceiling(Changes * 0.99) - 1]:f0} ms | {times[0]:f0} ms |"));
            }
            finally
            {
                envoy.Kill();
                await envoy.WaitForExitAsync();
                await host.StopAsync();
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        return 0;
    }

    private static async Task<double[]> MeasureAsync(string template)
    {
        using var http = new HttpClient();
        var original = await File.ReadAllTextAsync(template);
        await UntilAsync(http, "begin");
        var (times, pause) = (new List<double>(), new Random(1));
        for (var change = 0; change < WarmUps + Changes; change++)
        {
            var mark = string.Create(CultureInfo.InvariantCulture, $"change-{change}-end");
            await File.WriteAllTextAsync($"{template}.new", original.Replace("{{ header.value }}", $"{{{{ header.value + \"{mark}\" }}}}", StringComparison.Ordinal));
            // The control plane looks at the directory at regular times; people save at any.
            await Task.Delay(TimeSpan.FromMilliseconds(pause.Next(1000)), TimeProvider.System);
            var start = Stopwatch.GetTimestamp();
            File.Move($"{template}.new", template, overwrite: true);
            await UntilAsync(http, mark);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return [.. times.Skip(WarmUps).Order()];
    }

    // Active, not warming: connections are served by it.
    private static async Task UntilAsync(HttpClient http, string mark)
    {
        var start = Stopwatch.GetTimestamp();
        while (!(await ActiveAsync(http)).Contains(mark, StringComparison.Ordinal))
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException($"Envoy did not get \"{mark}\" within {Patience}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }
    }

    private static async Task<string> ActiveAsync(HttpClient http)
    {
        try
        {
            var dump = JsonNode.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{Ports.Admin}/config_dump?resource=dynamic_listeners&name_regex=.*{Names.InboundListener}.*")));
            return string.Concat((dump?["configs"]?.AsArray() ?? []).Select(listener => listener?["active_state"]?.ToJsonString()));
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    private static async Task<WebApplication> StartAsync(string directory, string manifests, string plugins)
    {
        var any = new IPEndPoint(IPAddress.Loopback, 0);
        var host = ControlPlaneHost.Create(
            options =>
            {
                (options.Config, options.StateDirectory, options.Plugins) = ([manifests], Path.Join(directory, "state"), plugins);
                (options.XdsAddress, options.HttpAddress, options.DebugAddress) = (any, any, any);
            },
            new CompilerOptions(),
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Services.AddSingleton(Metrics.NewCustomRegistry());
            });
        await host.StartAsync();
        return host;
    }

    private static async Task<Process> EnvoyAsync(string binary, WebApplication host, string directory)
    {
        var pipeline = host.Services.GetRequiredService<MeshPipeline>();
        while (pipeline.State is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        var identity = pipeline.State.Proxies.Find(new("Pod", "shop", "web-0"))!.Identity;
        var authority = host.Services.GetRequiredService<CertificateAuthority>();
        var (paths, issued) = (new CredentialPaths(directory), authority.Issue(identity, TimeSpan.FromDays(1)));
        await WriteAsync(paths.Trust, CredentialFiles.Trust(authority.XdsBundle));
        await WriteAsync(paths.Certificate, CredentialFiles.Certificate(issued.ChainPem, issued.PrivateKeyPem));
        var port = new Uri(host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        var bootstrap = Path.Join(directory, "bootstrap.json");
        await File.WriteAllTextAsync(bootstrap, EnvoyJson.ToNode(BootstrapConfig.Build(identity, new DnsEndPoint("127.0.0.1", port), paths))!.ToJsonString());
        return Process.Start(new ProcessStartInfo(binary, ["-c", bootstrap, "--disable-hot-restart", "--concurrency", "1", "--log-level", "error"]))!;
    }

    // The folder above is its owner's alone.
    private static Task WriteAsync(string path, SecretBytes content) => File.WriteAllBytesAsync(path, content.Reveal());

    private static string Mesh(int services) => string.Join("\n---\n", Enumerable.Range(0, services).Select(Service).Prepend("""
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshConfig
        metadata: {name: osm-mesh-config, namespace: osm-system}
        spec: {traffic: {enablePermissiveTrafficPolicyMode: true}}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {openservicemesh.io/monitored-by: osm}}
        ---
        apiVersion: transform.osmext.io/v1alpha1
        kind: HeaderTransform
        metadata: {name: everywhere, namespace: osm-system}
        spec: {response: {set: [{name: x-mesh, value: begin}]}}
        """));

    private static string Service(int index) => string.Create(CultureInfo.InvariantCulture, $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: web-{{index}}, namespace: shop, labels: {app: web-{{index}} } }
        spec: {serviceAccountName: web-{{index}}, containers: [{name: app, image: app}]}
        status: {podIP: 10.1.{{index / 250}}.{{1 + (index % 250)}} }
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web-{{index}}, namespace: shop}
        spec: {clusterIP: 10.2.{{index / 250}}.{{1 + (index % 250)}}, selector: {app: web-{{index}} }, ports: [{name: http-web, port: 8080}]}
        """);
}
