using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace OsmExt.E2E;

/// <summary>
/// A real Prometheus in a mesh's node. It has the rules of integrations/prometheus; only where pods are found (there is no Kubernetes here) and how
/// often they are asked is the test's.
/// </summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private const string Program = "prometheus";
    private const string Discovery = "  kubernetes_sd_configs:\n  - role: pod\n";
    private readonly string _directory = Directory.CreateTempSubdirectory("osm-e2e-prometheus-").FullName;
    private readonly HttpClient _client;
    private readonly Process _process;

    private PrometheusServer(PodNetwork node, IEnumerable<ScrapedPod> pods)
    {
        File.WriteAllText(Path.Join(_directory, "prometheus.yaml"), Configuration(pods));
        _client = node.CreateClient();
        _process = Process.Start(new ProcessStartInfo("ip",
            [
                "netns", "exec", node.Name, Program, $"--config.file={_directory}/prometheus.yaml", $"--storage.tsdb.path={_directory}/data",
                "--web.listen-address=127.0.0.1:7070", "--log.level=error",
            ]))!;
    }

    /// <summary>Why it cannot run here; null when it can.</summary>
    public static string? Missing => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Join(folder, Program)))
        ? null : "There is no program prometheus; sudo apt-get install prometheus";

    public static async Task<PrometheusServer> StartAsync(PodNetwork node, params IEnumerable<ScrapedPod> pods)
    {
        var server = new PrometheusServer(node, pods);
        try
        {
            // What Flagger asks to find out whether there is a Prometheus.
            await Wait.UntilAsync(async () => server._process.HasExited || await server.ValueAsync("vector(1)") is 1, "Prometheus answers");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The value of a query that gives one, as Flagger reads it: the last of the answer; null when there is none, and for a value that is no number.</summary>
    public async Task<double?> ValueAsync(string query)
    {
        try
        {
            var answer = JsonNode.Parse(await _client.GetStringAsync(new Uri($"http://127.0.0.1:7070/api/v1/query?query={Uri.EscapeDataString(query)}")))!;
            var text = answer["data"]!["result"]!.AsArray() is [.., { } last] ? (string?)last["value"]![1] : null;
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && !double.IsNaN(value) ? value : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _client.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static string Configuration(IEnumerable<ScrapedPod> pods)
    {
        var file = File.ReadAllText(Path.Join(Checkout.Root, "integrations", "prometheus", "prometheus.yaml"));
        Assert.Contains(Discovery, file, StringComparison.Ordinal);
        var found = string.Join('\n', pods.Select(pod => $$"""
              - targets: ["{{pod.Address}}:1"]
                labels:
                  __meta_kubernetes_namespace: {{pod.Namespace}}
                  __meta_kubernetes_pod_name: {{pod.Name}}
                  __meta_kubernetes_pod_ip: {{pod.Address}}
                  __meta_kubernetes_pod_controller_kind: ReplicaSet
                  __meta_kubernetes_pod_controller_name: {{pod.Controller}}
                  __meta_kubernetes_pod_annotation_prometheus_io_scrape: "true"
            """));
        return file.Replace(Discovery, $"  static_configs:\n{found}\n", StringComparison.Ordinal).Replace(": 10s", ": 1s", StringComparison.Ordinal);
    }
}

/// <summary>A pod as Kubernetes would describe it to Prometheus.</summary>
internal sealed record ScrapedPod(string Namespace, string Name, string Address, string Controller);
