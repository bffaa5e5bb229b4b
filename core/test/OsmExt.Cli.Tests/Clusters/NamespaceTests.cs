using System.Text.Json.Nodes;

namespace OsmExt.Cli.Tests.Clusters;

/// <summary><c>osm namespace</c> and <c>osm metrics</c>.</summary>
public class NamespaceTests
{
    private const string MonitoredBy = "openservicemesh.io/monitored-by";

    [Fact]
    public async Task Namespaces_come_into_a_mesh_and_leave_it()
    {
        await using var cluster = await TestCluster.StartAsync(ClusterObjects.ControlPlane, ClusterObjects.Namespace("shop"), ClusterObjects.Namespace("till"), ClusterObjects.Pod("shop", "old", meshed: false));

        var added = await cluster.OsmAsync("namespace add shop till");
        Assert.Equal((0, ""), (added.ExitCode, added.Errors));
        Assert.Contains("Namespace shop is in mesh osm now, with sidecar injection enabled. 1 of its pods have no sidecar until they are restarted: kubectl rollout restart", added.Output, StringComparison.Ordinal);
        var shop = (await cluster.GetAsync("api/v1/namespaces/shop"))["metadata"]!;
        Assert.Equal(("osm", "enabled"), ((string)shop["labels"]![MonitoredBy]!, (string)shop["annotations"]!["openservicemesh.io/sidecar-injection"]!));

        var again = await cluster.OsmAsync("ns add shop");
        Assert.Contains("is in mesh osm already", again.Output, StringComparison.Ordinal);

        var list = await cluster.OsmAsync("namespace list");
        Assert.Equal(["NAMESPACE  MESH  SIDECAR-INJECTION  METRICS", "shop       osm   enabled            -", "till       osm   enabled            -", ""], list.Output.Split('\n'));
        var json = JsonNode.Parse((await cluster.OsmAsync("namespace list --mesh-name osm -o json")).Output)!.AsArray();
        Assert.Equal(["shop", "till"], json.Select(row => (string)row!["namespace"]!));

        var removed = await cluster.OsmAsync("namespace remove shop");
        Assert.Equal((0, "Namespace shop is no longer in mesh osm.\n"), (removed.ExitCode, removed.Output));
        var after = (await cluster.GetAsync("api/v1/namespaces/shop"))["metadata"]!;
        Assert.Null(after["labels"]?[MonitoredBy]);
        Assert.Null(after["annotations"]?["openservicemesh.io/sidecar-injection"]);
        Assert.Equal("Namespace shop is in no mesh.\n", (await cluster.OsmAsync("namespace remove shop")).Output);
    }

    [Fact]
    public async Task When_one_cannot_be_added_none_is()
    {
        await using var cluster = await TestCluster.StartAsync(
            ClusterObjects.ControlPlane, ClusterObjects.Namespace("shop"), ClusterObjects.Namespace("other", $"{MonitoredBy}: east"), ClusterObjects.Namespace("tools"));
        Assert.Equal("Namespace tools is ignored: its new pods get no sidecar.\n", (await cluster.OsmAsync("namespace ignore tools")).Output);

        await RefusedAsync("namespace add shop absent", "there is no namespace absent in the cluster of context ");
        await RefusedAsync("namespace add shop other", "namespace other belongs to mesh east; osm namespace remove other --mesh-name east takes it out; nothing was changed");
        await RefusedAsync("namespace add shop tools", "namespace tools is ignored; osm namespace remove tools ends that; nothing was changed");
        await RefusedAsync("namespace add shop osm-system", "namespace osm-system has a mesh's control plane in it");
        await RefusedAsync("namespace add shop --mesh-name west", "there is no mesh west in the cluster of context ");
        await RefusedAsync("namespace remove other", "namespace other belongs to mesh east, not to osm; say --mesh-name east");
        Assert.Null((await cluster.GetAsync("api/v1/namespaces/shop"))["metadata"]!["labels"]?[MonitoredBy]);
        Assert.Contains("tools      -     disabled (ignored)", (await cluster.OsmAsync("namespace list")).Output, StringComparison.Ordinal);

        async Task RefusedAsync(string command, string message)
        {
            var run = await cluster.OsmAsync(command);
            Assert.Equal((2, ""), (run.ExitCode, run.Output));
            Assert.Contains(message, run.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Metrics_are_for_pods_that_are_there_and_those_to_come()
    {
        await using var cluster = await TestCluster.StartAsync(
            ClusterObjects.ControlPlane, ClusterObjects.Namespace("shop", $"{MonitoredBy}: osm"), ClusterObjects.Namespace("out"),
            ClusterObjects.Pod("shop", "store"), ClusterObjects.Pod("shop", "plain", meshed: false));

        var enabled = await cluster.OsmAsync("metrics enable --namespace shop");
        Assert.Equal((0, "Metrics of namespace shop are enabled: 1 pod changed.\n"), (enabled.ExitCode, enabled.Output));
        Assert.Equal("enabled", (string)(await cluster.GetAsync("api/v1/namespaces/shop"))["metadata"]!["annotations"]!["openservicemesh.io/metrics"]!);
        var annotations = (await cluster.GetAsync("api/v1/namespaces/shop/pods/store"))["metadata"]!["annotations"]!;
        Assert.Equal(("true", "15010", "/stats/prometheus"), ((string)annotations["prometheus.io/scrape"]!, (string)annotations["prometheus.io/port"]!, (string)annotations["prometheus.io/path"]!));
        Assert.Null((await cluster.GetAsync("api/v1/namespaces/shop/pods/plain"))["metadata"]!["annotations"]?["prometheus.io/scrape"]);

        await cluster.OsmAsync("metrics disable --namespace shop");
        Assert.Null((await cluster.GetAsync("api/v1/namespaces/shop/pods/store"))["metadata"]!["annotations"]?["prometheus.io/scrape"]);

        var refused = await cluster.OsmAsync("metrics enable -n shop,out");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("namespace out is in no mesh; osm namespace add out puts it into one", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_cannot_be_reached_is_said_in_a_line()
    {
        await using var cluster = await TestCluster.StartAsync();
        var lost = await Osm.RunAsync("namespace", "list", "--kubeconfig", cluster.Write("lost", """
            current-context: lost
            clusters: [{name: lost, cluster: {server: 'https://127.0.0.1:1'}}]
            contexts: [{name: lost, context: {cluster: lost}}]
            """), "--context", "lost");
        Assert.Equal((1, ""), (lost.ExitCode, lost.Output));
        Assert.Matches("^osm: the cluster of context \"lost\" does not answer \\([^\n]+\\); [^\n]+\n$", lost.Errors);

        var unknown = await cluster.OsmAsync("namespace list --context nowhere");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("there is no context \"nowhere\"", unknown.Errors, StringComparison.Ordinal);
    }
}
