using System.Text.Json.Nodes;

namespace OsmExt.E2E;

/// <summary>Two versions of Envoy in one mesh: each is sent what it offers, and refuses nothing.</summary>
[Collection(nameof(ShopMesh))]
public sealed class CapabilityTests(Shop shop)
{
    private Mesh Mesh => shop.Mesh;

    [MeshTheory]
    // Requests are counted on the caller's side.
    [InlineData("v1", Requirements.Envoy, false)]
    [InlineData("buyer", Requirements.Envoy, true)]
    [InlineData("v2", Requirements.OldEnvoy, false)]
    [InlineData("old-buyer", Requirements.OldEnvoy, false)]
    public async Task A_proxy_is_sent_only_what_it_offers(string pod, string version, bool countsRequests)
    {
        var config = (await Mesh.DebugAsync($"config/shop/{pod}"))!;
        Assert.Equal(version, (string?)config["scope"]!["envoy_version"]);
        Assert.True(config["scope"]!["extensions"]!.AsArray().Count > 100);
        Assert.Equal(countsRequests, config["listeners"]!.ToJsonString().Contains("access_loggers.stats", StringComparison.Ordinal));

        var proxy = (await Mesh.DebugAsync($"proxies/shop/{pod}"))!.AsArray().Single()!;
        Assert.Equal(($"envoy {version}", 0), ((string?)proxy["envoy"], (int)proxy["rejected"]!));
    }

    [MeshFact]
    public async Task Requests_are_counted_by_workload_where_the_proxy_can()
    {
        Assert.Equal(200, await Mesh.Pod("buyer").StatusAsync("http://echo-v1:8080/items/1"));
        Assert.Equal(200, await Mesh.Pod("old-buyer").StatusAsync("http://echo-v1:8080/items/1"));

        await Wait.UntilAsync(
            async () => (await CountersAsync("buyer")).Contains("source_pod=\"buyer\"", StringComparison.Ordinal), "the new Envoy counts");
        Assert.Equal("", await CountersAsync("old-buyer"));
    }

    [MeshFact]
    public async Task No_sidecar_is_told_anything_it_complains_about()
    {
        foreach (var pod in Shop.Meshed)
        {
            var log = Mesh.Log($"shop.{pod}/envoy.err.log");
            Assert.DoesNotContain("deprecated", log, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("rejected", log, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("LIVE", await Mesh.AdminAsync(pod, "ready"), StringComparison.Ordinal);
        }

        Assert.Equal(0, await Mesh.MetricAsync("osm_xds_rejections_total"));
        Assert.All((JsonArray)(await Mesh.DebugAsync("proxies"))!, proxy => Assert.True((bool)proxy!["in_sync"]!));
    }

    private async Task<string> CountersAsync(string pod) => string.Join('\n', (await Mesh.AdminAsync(pod, "stats/prometheus")).Split('\n')
        .Where(line => line.StartsWith("envoy_osm_request_total{", StringComparison.Ordinal)));
}
