using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OsmExt.E2E.Telemetry;

/// <summary>What sidecars of both versions write about requests, and to whom.</summary>
[Collection(nameof(TelemetryCollection))]
public sealed partial class AccessLogTests(TelemetryMesh telemetry)
{
    private static readonly string[] Fields =
    [
        "authority", "bytes_received", "bytes_sent", "config_generation", "duration", "method", "path", "protocol", "request_id", "requested_server_name", "response_code",
        "response_code_details", "response_flags", "start_time", "time_to_first_byte", "upstream_cluster", "upstream_host", "upstream_service_time", "user_agent", "x_forwarded_for",
    ];

    [MeshTheory]
    [InlineData("buyer", "v1")]
    [InlineData("old-buyer", "v1")]
    public async Task A_request_leaves_a_line_where_it_leaves_a_pod_and_where_it_arrives(string client, string server)
    {
        var path = $"/items/{client}?from=log";
        Assert.Equal(200, await telemetry.Mesh.Pod(client).StatusAsync($"http://echo-{server}:8080{path}"));

        var (sent, arrived) = (await LineAsync(client, path), await LineAsync(server, path));
        Assert.All([sent, arrived], line => Assert.Equal(Fields, line.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal)));
        Assert.All([sent, arrived], line => Assert.Equal(("GET", 200, $"echo-{server}:8080"), ((string?)line["method"], (int)line["response_code"]!, (string?)line["authority"])));
        Assert.Equal(($"shop/echo-{server}|8080", $"shop/echo-{server}|8080|local"), ((string?)sent["upstream_cluster"], (string?)arrived["upstream_cluster"]));
        Assert.Equal((string?)sent["request_id"], (string?)arrived["request_id"]);

        // What the line names is what the control plane says is in force there.
        Assert.All(await Task.WhenAll(InForceAsync(client, sent), InForceAsync(server, arrived)), Assert.True);
    }

    [MeshFact]
    public async Task A_line_names_the_configuration_that_served_the_request()
    {
        var mesh = telemetry.Mesh;
        var before = await GenerationAsync("one");
        Assert.Equal(before, await GenerationAsync("two"));

        // Something else changes: the same. The route's time limit changes: another virtual host, in the same chain.
        using (mesh.Config.WriteForNow("other", Timeout("echo-v2", "7s")))
        {
            await Wait.UntilAsync(async () => $"{await mesh.DebugAsync("config/shop/buyer")}".Contains("\"7s\"", StringComparison.Ordinal), "the other service's limit is in force");
            Assert.Equal(before, await GenerationAsync("three"));
        }

        using (mesh.Config.WriteForNow("limit", Timeout("echo-v1", "9s")))
        {
            var number = 0;
            var after = before;
            await Wait.UntilAsync(async () => (after = await GenerationAsync($"limited-{number++}")) != before, "the line names another configuration", 90);
            Assert.Equal(before[..before.IndexOf('.', StringComparison.Ordinal)], after[..after.IndexOf('.', StringComparison.Ordinal)]);
        }

        async Task<string> GenerationAsync(string name)
        {
            var path = $"/generation/{name}";
            Assert.Equal(200, await mesh.Pod("buyer").StatusAsync($"http://echo-v1:8080{path}"));
            return (string)(await LineAsync("buyer", path))["config_generation"]!;
        }
    }

    [MeshTheory]
    [InlineData("buyer")]
    [InlineData("old-buyer")]
    public async Task A_service_s_own_form_of_line_takes_the_place_of_the_mesh_s(string client)
    {
        Assert.Equal(200, await telemetry.Mesh.Pod(client).StatusAsync($"http://echo-v2:8080/text/{client}?secret=1"));

        await Wait.UntilAsync(() => telemetry.Lines("v2").Any(line => Text().Match(line) is { Success: true } match && match.Groups["client"].Value == client), "the line is there");
        Assert.DoesNotContain(telemetry.Lines("v2"), line => line.StartsWith('{') || line.Contains("secret", StringComparison.Ordinal));
    }

    [MeshFact]
    public async Task Lines_reach_the_collector_from_both_Envoys()
    {
        foreach (var client in (string[])["buyer", "old-buyer"])
        {
            Assert.Equal(200, await telemetry.Mesh.Pod(client).StatusAsync($"http://echo-v1:8080/otlp/{client}"));
            await Wait.UntilAsync(
                async () => (await telemetry.ReceivedAsync("/opentelemetry.proto.collector.logs.v1.LogsService/Export")).Any(message => new[]
                {
                    $"GET /otlp/{client} HTTP/1.1 200", "config_generation", $"{client}.shop", "osm.workload.name", "k8s.pod.name",
                }.All(text => message.Contains(text, StringComparison.Ordinal))),
                $"{client}'s line is at the collector");
        }
    }

    [MeshFact]
    public async Task Workloads_are_told_apart_by_their_labels()
    {
        var mesh = telemetry.Mesh;
        const string Path = "/labels";
        using var own = mesh.Config.WriteForNow("labels", """
            apiVersion: telemetry.osmext.io/v1alpha1
            kind: Telemetry
            metadata: {name: labels, namespace: shop}
            spec:
              targetRef: {kind: Pod, labels: {app: old-buyer}}
              accessLog: {json: {path: "%REQ(:PATH)%", workload: "%UPSTREAM_METADATA(osm:pod)%"}}
            """);
        await Wait.UntilAsync(async () => $"{await mesh.DebugAsync("config/shop/old-buyer")}".Contains("%UPSTREAM_METADATA(osm:pod)%", StringComparison.Ordinal), "the labelled pod's proxy has it");
        await Wait.UntilAsync(mesh.InSyncAsync, "all have answered");

        foreach (var client in (string[])["buyer", "old-buyer"])
        {
            Assert.Equal(200, await mesh.Pod(client).StatusAsync($"http://echo-v1:8080{Path}"));
        }

        Assert.Equal(["config_generation", "path", "workload"], (await LineAsync("old-buyer", Path)).AsObject().Select(field => field.Key).Order(StringComparer.Ordinal));
        Assert.Equal("v1", (string?)(await LineAsync("old-buyer", Path))["workload"]);
        Assert.Equal(Fields, (await LineAsync("buyer", Path)).AsObject().Select(field => field.Key).Order(StringComparer.Ordinal));
    }

    private async Task<JsonNode> LineAsync(string pod, string path)
    {
        await Wait.UntilAsync(() => telemetry.Logged(pod, path).Any(), $"{pod} has logged {path}");
        return Assert.Single(telemetry.Logged(pod, path));
    }

    // The older Envoy knows of virtual hosts only.
    private async Task<bool> InForceAsync(string pod, JsonNode line)
    {
        var generation = (string)line["config_generation"]!;
        Assert.Matches(pod.StartsWith("old", StringComparison.Ordinal) ? "^[0-9a-f]{12}$" : "^[0-9a-f]{12}\\.[0-9a-f]{12}$", generation);
        var config = (await telemetry.Mesh.DebugAsync($"config/shop/{pod}"))!.ToJsonString();
        return generation.Split('.').All(part => config.Contains(string.Create(CultureInfo.InvariantCulture, $"\"generation\":\"{part}\""), StringComparison.Ordinal));
    }

    private static string Timeout(string service, string limit) => $$"""
        apiVersion: policy.openservicemesh.io/v1alpha1
        kind: UpstreamTrafficSetting
        metadata: {name: {{service}}, namespace: shop}
        spec: {host: {{service}}.shop.svc.cluster.local, connectionSettings: {http: {requestTimeout: {{limit}} } } }
        """;

    [GeneratedRegex("^reached GET /text/(?<client>[a-z-]+) 200 [0-9a-f]{12}$")]
    private static partial Regex Text();
}
