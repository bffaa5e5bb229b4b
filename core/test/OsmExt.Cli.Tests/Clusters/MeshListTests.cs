using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace OsmExt.Cli.Tests.Clusters;

/// <summary><c>osm mesh list</c>, <c>version</c>, <c>env</c> and <c>verify control-plane-health</c>.</summary>
public class MeshListTests
{
    [Fact]
    public async Task Meshes_are_listed_with_what_their_control_planes_say()
    {
        await using var cluster = await TestCluster.StartAsync(ClusterObjects.ControlPlane, ClusterObjects.Namespace("shop", "openservicemesh.io/monitored-by: osm"));
        using var server = new HttpListener();
        cluster.Listen("osm-system/osm-controller-1", 9091, TestPage.Listen(server));
        var answering = AnswerAsync(server, 2);

        var list = await cluster.OsmAsync("mesh list");
        Assert.Equal((0, ""), (list.ExitCode, list.Errors));
        Assert.Matches("^MESH NAME +MESH NAMESPACE +VERSION +ADDED NAMESPACES +SMI SUPPORTED\nosm +osm-system +0.1.0 +shop +TrafficSplit:v1alpha4,TrafficTarget:v1alpha3\n$", list.Output);

        var version = JsonNode.Parse((await cluster.OsmAsync("version -o json")).Output)!;
        Assert.Equal(("9.9.9", "abc"), ((string)version["meshes"]![0]!["version"]!, (string)version["meshes"]![0]!["commit"]!));
        Assert.NotNull(version["client"]!["version"]);
        await answering;

        // What does not answer has its label.
        server.Stop();
        var without = await cluster.OsmAsync("version");
        Assert.Equal(0, without.ExitCode);
        Assert.Matches("\nosm +osm-system +0.1.0 \\(by its label\\) +-\n$", without.Output);
    }

    [Fact]
    public async Task Where_there_is_no_mesh_that_is_said()
    {
        await using var cluster = await TestCluster.StartAsync();

        var list = await cluster.OsmAsync("mesh list");
        Assert.Equal(0, list.ExitCode);
        Assert.Contains("There is no mesh in the cluster of context", list.Errors, StringComparison.Ordinal);
        Assert.Contains("There is no control plane in the cluster of context", (await cluster.OsmAsync("version")).Output, StringComparison.Ordinal);
        var uninstall = await cluster.OsmAsync("uninstall mesh");
        Assert.Equal(0, uninstall.ExitCode);
        Assert.Contains("There is no mesh in", uninstall.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_would_be_used_is_printed_without_credentials()
    {
        await using var cluster = await TestCluster.StartAsync();

        var run = await cluster.OsmAsync("env --osm-namespace mesh");

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith("---\nconfig: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("  namespace: mesh\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("  server: https://127.0.0.1:", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("BEGIN", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_control_planes_health_is_looked_at_part_by_part()
    {
        await using var cluster = await TestCluster.StartAsync(ClusterObjects.ControlPlane);
        using var server = new HttpListener();
        cluster.Listen("osm-system/osm-controller-1", 9091, TestPage.Listen(server));
        var answering = AnswerAsync(server, 2);

        var run = await cluster.OsmAsync("verify control-plane-health");
        await answering;

        Assert.Equal((1, ""), (run.ExitCode, run.Errors));
        Assert.Contains("[+] Context: The control plane of mesh osm in namespace osm-system is healthy\nStatus: Failure\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("[++] Context: Pod osm-controller-1 works\nStatus: Success\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("[++] Context: MeshConfig osm-mesh-config is there\nStatus: Failure\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("there is no egresses.policy.openservicemesh.io, ", run.Output, StringComparison.Ordinal);
        Assert.Contains("[++] Context: A webhook sees to it that new pods get sidecars\nStatus: Failure\nReason: there is none\n", run.Output, StringComparison.Ordinal);

        var elsewhere = await cluster.OsmAsync("verify control-plane-health --osm-namespace default");
        Assert.Equal(1, elsewhere.ExitCode);
        Assert.Contains("Reason: namespace default has none\nSuggestion: osm mesh list says where meshes are", elsewhere.Output, StringComparison.Ordinal);
    }

    private static async Task AnswerAsync(HttpListener server, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var context = await server.GetContextAsync();
            context.Response.Close(Encoding.UTF8.GetBytes(context.Request.Url!.AbsolutePath switch
            {
                "/smi/version" => """{"TrafficTarget": "access.smi-spec.io/v1alpha3", "TrafficSplit": "split.smi-spec.io/v1alpha4"}""",
                "/version" => """{"version": "9.9.9", "commit": "abc"}""",
                _ => "Service is ready\n",
            }), willBlock: true);
        }
    }
}
