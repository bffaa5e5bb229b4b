using System.Diagnostics;
using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>The control plane dies without warning while there is traffic, and comes back.</summary>
[Collection(nameof(ShopMesh))]
public sealed class RestartTests(Shop shop)
{
    private Mesh Mesh => shop.Mesh;

    [MeshFact]
    public async Task A_killed_control_plane_loses_no_request_and_sends_nothing_again()
    {
        await ChangeAsync();
        var versions = await VersionsAsync();
        var updates = await UpdatesAsync();
        await using var open = await OpenConnection.OpenAsync(Mesh.Pod("buyer"), "echo-v2", "v2");
        await open.SayAsync("before");
        await using var traffic = new Traffic(
            (Mesh.Pod("buyer"), "http://echo-v1:8080/items/1"), (Mesh.Pod("old-buyer"), "http://echo-v2:8080/items/1"));

        var killed = await ControlPlaneAsync();
        Process.GetProcessById(killed).Kill();
        await Wait.UntilAsync(async () => await Mesh.DebugAsync("proxies") is null, "the control plane is gone");
        await open.SayAsync("meanwhile");
        await Wait.UntilAsync(Mesh.InSyncAsync, "all have come back", 60);

        // The first request of each type is answered, by as much as says that there is nothing new: type, version and nonce.
        var (responses, bytes) = (await Mesh.MetricAsync("osm_xds_responses_total"), await Mesh.MetricAsync("osm_xds_response_bytes_total"));
        Assert.InRange(bytes / responses, 1, 150);

        var sent = traffic.Sent;
        await Wait.UntilAsync(() => traffic.Sent > sent + 50, "traffic goes on");
        Assert.Equal([], await traffic.StopAsync());
        await open.SayAsync("after");
        Assert.Equal(versions, await VersionsAsync());
        Assert.Equal(updates, await UpdatesAsync());

        await ChangeAsync();
    }

    // A change and its undoing, in force. What tests before this one changed is in force then, too.
    private async Task ChangeAsync()
    {
        var thief = Mesh.Pod("thief");
        using (Mesh.Config.WriteForNow("thief", Target(Shop.Namespace, "thief", "v1", ["thief"], Shop.HttpRule)))
        {
            await Wait.ForAsync(200, () => thief.StatusAsync("http://echo-v1:8080/items/1"));
        }

        await Wait.ForAsync(0, () => thief.StatusAsync("http://echo-v1:8080/items/1"));
        await Wait.UntilAsync(Mesh.InSyncAsync, "all are in step");
    }

    private async Task<int> ControlPlaneAsync()
        => (int)(await Mesh.StatusAsync())!["processes"]!.AsArray().Single(process => (string?)process!["name"] == "control-plane")!["pid"]!;

    // What each proxy has, by name and version, as the control plane sees it.
    private async Task<string> VersionsAsync()
    {
        var lines = new List<string>();
        foreach (var pod in Shop.Meshed)
        {
            foreach (var type in (await Mesh.DebugAsync($"proxies/shop/{pod}"))!.AsArray().Single()!["types"]!.AsArray())
            {
                lines.AddRange(type!["resources"]!.AsArray()
                    .Select(resource => $"{pod} {type["type"]} {resource!["name"]} {resource["acknowledged"]}"));
            }
        }

        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    // What each Envoy applied, by its own account: listeners and clusters it added, changed or took away, and secrets it got.
    private async Task<string> UpdatesAsync()
    {
        string[] counters =
        [
            "envoy_listener_manager_listener_added", "envoy_listener_manager_listener_modified",
            "envoy_listener_manager_listener_removed",
            "envoy_cluster_manager_cluster_added", "envoy_cluster_manager_cluster_modified", "envoy_cluster_manager_cluster_removed",
            "envoy_http_rds_config_reload", "envoy_listener_ssl_context_update_by_sds", "envoy_cluster_ssl_context_update_by_sds",
        ];
        var lines = new List<string>();
        foreach (var pod in Shop.Meshed)
        {
            var page = await Mesh.AdminAsync(pod, "stats/prometheus");
            lines.AddRange(counters.Select(counter => $"{pod} {counter} {Prometheus.Sum(page, counter)}"));
        }

        return string.Join('\n', lines);
    }
}
