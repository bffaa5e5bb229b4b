using static OsmExt.E2E.Delivery.Deployments;
using static OsmExt.E2E.Delivery.FlaggerQueries;

namespace OsmExt.E2E.Delivery;

/// <summary>Flagger's two queries, asked of a real Prometheus that scrapes real sidecars: a good canary, a failing one, a slow one, and one nobody calls.</summary>
public sealed class MetricTests
{
    // Everything about these names has to arrive as it is.
    private static readonly string[] Targets = ["pod-info", "always.5xx", "slow-1.x", "idle"];

    [PrometheusFact]
    public async Task Flagger_s_queries_judge_a_canary_by_what_its_callers_saw()
    {
        await using var mesh = await Mesh.StartAsync(Prepare, "--plugins", Checkout.Plugin("Delivery.Flagger"));
        ScrapedPod[] pods = [new(Namespace, "tester-1", "10.244.3.20", "load-tester-6b7d9"), new(Namespace, "old-tester-1", "10.244.3.21", "old-tester-6b7d9")];
        await using var prometheus = await PrometheusServer.StartAsync(mesh.Node, [.. pods, .. Targets.Select((target, i) => new ScrapedPod(Namespace, $"pod-{i}", $"10.244.3.{i + 1}", $"{target}-6b7d9"))]);
        using var sender = new Sender(mesh);

        // A rate takes two scrapes that differ, so traffic goes on until the answers are there.
        await UntilAsync("a good target", async () => await prometheus.ValueAsync(SuccessRate("pod-info")) is 100 && await prometheus.ValueAsync(Duration("pod-info")) is > 0 and < 250);
        await UntilAsync("a slow target", async () => await prometheus.ValueAsync(SuccessRate("slow-1.x")) is 100 && await prometheus.ValueAsync(Duration("slow-1.x")) is > 250 and < 1000);
        // All 5xx: nothing stands above the line, so there is no value, which Flagger takes for a failed check.
        await UntilAsync("a failing target", async () => await prometheus.ValueAsync(Duration("always.5xx")) is > 0 && await prometheus.ValueAsync(SuccessRate("always.5xx")) is null);
        Assert.Equal((null, null), (await prometheus.ValueAsync(SuccessRate("idle")), await prometheus.ValueAsync(Duration("idle"))));

        // Each request once, at the caller: also the one that no service was asked for. The old Envoy counts nothing here.
        Assert.Equal(404, await mesh.Pod("tester-1", Namespace).StatusAsync("http://svc-0:8080/", ("host", "elsewhere:8080")));
        foreach (var (series, count) in new[]
        {
            ("destination_name=\"pod-info\",response_code=\"200\"", sender.Sent("svc-0")),
            ("destination_name=\"always.5xx\",response_code=\"503\"", sender.Sent("svc-1")),
            ("destination_name=\"slow-1.x\",response_code=\"200\",destination_pod=\"pod-2\",source_namespace=\"test\",source_kind=\"Deployment\",source_name=\"load-tester\",source_pod=\"tester-1\"", sender.Sent("svc-2")),
            ("destination_namespace=\"unknown\",destination_kind=\"unknown\",destination_name=\"unknown\",destination_pod=\"unknown\",response_code=\"404\"", 1),
        })
        {
            await Wait.ForAsync<double?>(count, () => prometheus.ValueAsync($"sum(osm_request_total{{{series}}})"));
        }

        // What stands in for it where a sidecar is too old: by service, from Envoy's own statistics.
        await UntilAsync("the fallback for old sidecars", async () =>
        {
            await mesh.Pod("old-tester-1", Namespace).StatusAsync("http://canary-canary:8080/", ("x-echo-status", "200"));
            await mesh.Pod("old-tester-1", Namespace).StatusAsync("http://canary-canary:8080/", ("x-echo-status", "500"));
            return await prometheus.ValueAsync(Template("success-rate-by-service", "canary")) is > 40 and < 60
                && await prometheus.ValueAsync(Template("duration-by-service", "canary")) is > 0 and < 250;
        });
        Assert.Equal(1, await prometheus.ValueAsync("count(envoy_server_live{source_namespace=\"test\",source_pod_name=\"old-tester-1\",source_workload_kind=\"Deployment\",source_workload_name=\"old-tester\"})"));

        async Task UntilAsync(string what, Func<Task<bool>> condition) => await Wait.UntilAsync(
            async () =>
            {
                await sender.SendAsync();
                return await condition();
            },
            what, 60);
    }

    private static void Prepare(ManifestFolder config)
    {
        config.Write("mesh", Manifests.MeshConfig(permissive: true), Manifests.Namespace(Namespace));
        for (var i = 0; i < Targets.Length; i++)
        {
            config.Write($"target-{i}", Pod(Targets[i], $"pod-{i}", $"10.244.3.{i + 1}", "app"), Service($"svc-{i}", $"10.96.3.{i + 1}", Targets[i], ($"pod-{i}", $"10.244.3.{i + 1}")));
        }

        config.Write("fallback", Service("canary-canary", "10.96.3.9", Targets[0], ("pod-0", "10.244.3.1")));
        config.Write("clients", Client("load-tester", "tester-1", "10.244.3.20"), Client("old-tester", "old-tester-1", "10.244.3.21", Requirements.OldEnvoy));
    }

    /// <summary>Sends a few requests to each target that is called at all, and remembers how many.</summary>
    private sealed class Sender(Mesh mesh) : IDisposable
    {
        private static readonly (string Service, (string, string) Header)[] Flows = [("svc-0", ("x-echo-status", "200")), ("svc-1", ("x-echo-status", "503")), ("svc-2", ("x-echo-wait-ms", "400"))];
        private readonly HttpClient _client = mesh.Pod("tester-1", Namespace).CreateClient();
        private int _rounds;

        public int Sent(string service) => Flows.Any(flow => flow.Service == service) ? _rounds : 0;

        public async Task SendAsync()
        {
            await Task.WhenAll(Flows.Select(async flow =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{flow.Service}:8080/"));
                request.Headers.Add(flow.Header.Item1, flow.Header.Item2);
                using var response = await _client.SendAsync(request);
            }));
            _rounds++;
        }

        public void Dispose() => _client.Dispose();
    }
}

/// <summary>A test with a real Prometheus beside real Envoys; skipped with the reason where one of them is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PrometheusFactAttribute : FactAttribute
{
    public PrometheusFactAttribute() => Skip = Requirements.SkipReason ?? (Requirements.IsStrict ? null : PrometheusServer.Missing);
}
