using System.Net;
using System.Text;

namespace OsmExt.Cli.Tests.Clusters;

/// <summary>Pages of the control plane and of sidecars, through the API server.</summary>
public class ProxyInClusterTests
{
    private const string Proxies = """
        [{"proxy": "shop/store", "variant": "Delta", "envoy": "1.40.0", "connected_since": "2026-01-01T00:00:00.0000000Z", "revision": 3, "in_sync": false,
          "lag": {"revision": 2, "since": "2026-01-01T01:00:00.0000000Z", "detail": "It was sent Clusters and has not answered"}, "rejected": 0}]
        """;

    [Fact]
    public async Task Sidecars_are_listed_by_the_control_planes_debug_port_on_loopback()
    {
        await using var cluster = await TestCluster.StartAsync(ClusterObjects.ControlPlane);
        using var server = new HttpListener();
        cluster.Listen("osm-system/osm-controller-1", 9092, TestPage.Listen(server));
        var answering = TestPage.AnswerAsync(server, "/debug/proxies", Proxies, 2);

        var table = await cluster.OsmAsync("proxy list");
        Assert.Equal((0, ""), (table.ExitCode, table.Errors));
        Assert.Matches("^PROXY +ENVOY +CONNECTED SINCE +IN SYNC +REFUSED +CONTROL PLANE +REVISION +LACKS +SINCE\nshop/store +1.40.0 +2026-01-01T00:00:00Z +no +0 +pod osm-system/osm-controller-1 +3 +2 +2026-01-01T01:00:00Z\n$", table.Output);

        var absent = await cluster.OsmAsync("proxy status shop/till");
        Assert.Equal(2, absent.ExitCode);
        Assert.Contains("the sidecar of shop/till is not connected to pod osm-system/osm-controller-1; osm proxy list says which are", absent.Errors, StringComparison.Ordinal);
        await answering;
    }

    [Fact]
    public async Task What_proxies_say_cannot_move_a_terminal()
    {
        // Colours, a line that looks like another sidecar's, text that is written backwards, and the second set of control characters.
        const string Hostile = """
            [{"proxy": "shop/store", "variant": "Delta", "envoy": "\u001b[31menvoy\r\nshop/forged", "connected_since": "\u202Enow", "revision": 3, "in_sync": true, "rejected": 1, "lag": null, "types": [
              {"type": "Cl\u009buster", "pending": 0, "resources": [], "rejections": [{"name": "a\u001b]0;title\u0007", "at": "2026-01-01T00:00:00Z", "message": "no\nshop/forged: refused"}]}]}]
            """;
        using var server = new HttpListener();
        var address = TestPage.Listen(server);
        var answering = Task.Run(async () =>
        {
            for (var asked = 0; asked < 3; asked++)
            {
                (await server.GetContextAsync()).Response.Close(Encoding.UTF8.GetBytes(Hostile), willBlock: true);
            }
        });

        var list = await Osm.RunAsync("proxy", "list", "--debug-address", address);
        var status = await Osm.RunAsync("proxy", "status", "shop/store", "--debug-address", address);
        await answering;

        Assert.Equal((0, 0), (list.ExitCode, status.ExitCode));
        Assert.Equal(2, list.Output.TrimEnd('\n').Split('\n').Length);
        foreach (var letter in list.Output + status.Output)
        {
            Assert.True(letter == '\n' || (!char.IsControl(letter) && letter is not ('\u202E' or '\u009b')), $"U+{(int)letter:X4} is printed");
        }

        Assert.DoesNotContain(status.Output.Split('\n'), line => line.StartsWith("shop/forged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_envoys_admin_endpoint_is_asked_and_told()
    {
        await using var cluster = await TestCluster.StartAsync(ClusterObjects.Namespace("shop"), ClusterObjects.Pod("shop", "store"), ClusterObjects.Pod("shop", "plain", meshed: false));
        using var server = new HttpListener();
        cluster.Listen("shop/store", 15000, TestPage.Listen(server));

        // More than fits into one message.
        var long1 = new string('x', 100_000);
        var asked = AnswerAsync(server, 200, long1);
        var got = await cluster.OsmAsync("proxy get config_dump?include_eds store -n shop");
        Assert.Equal((0, long1, ""), (got.ExitCode, got.Output, got.Errors));
        Assert.Equal("GET /config_dump?include_eds", await asked);

        var told = AnswerAsync(server, 200, "OK\n");
        var file = Path.Join(cluster.Root, "answer");
        Assert.Equal((0, ""), (await cluster.OsmAsync($"proxy set logging?level=debug shop/store --file {file}")) is var set ? (set.ExitCode, set.Output) : default);
        Assert.Equal(("POST /logging?level=debug", "OK\n"), (await told, await File.ReadAllTextAsync(file)));

        var wrong = AnswerAsync(server, 404, "invalid path");
        var refused = await cluster.OsmAsync("proxy get nothing shop/store");
        Assert.Equal((1, "osm: the Envoy of shop/store answers 404: invalid path\n"), (refused.ExitCode, refused.Errors));
        await wrong;

        var plain = await cluster.OsmAsync("proxy get ready shop/plain");
        Assert.Equal(2, plain.ExitCode);
        Assert.Contains("pod shop/plain has no sidecar", plain.Errors, StringComparison.Ordinal);
        Assert.Contains("there is no pod shop/absent", (await cluster.OsmAsync("proxy get ready shop/absent")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_where_nothing_listens_is_said_by_its_pod()
    {
        await using var cluster = await TestCluster.StartAsync(ClusterObjects.Namespace("shop"), ClusterObjects.Pod("shop", "store"));

        var run = await cluster.OsmAsync("proxy get ready shop/store");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("connection refused", run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Where_no_mesh_is_it_says_what_was_looked_for()
    {
        await using var cluster = await TestCluster.StartAsync();

        var none = await cluster.OsmAsync("status");
        Assert.Equal((1, ""), (none.ExitCode, none.Output));
        Assert.Contains("there is no control plane in namespace osm-system of the cluster of context", none.Errors, StringComparison.Ordinal);

        var two = await cluster.OsmAsync("status --local osm");
        Assert.Equal(2, two.ExitCode);
        Assert.Contains("--local and --kubeconfig name two meshes; give one of them", two.Errors, StringComparison.Ordinal);
    }

    private static async Task<string> AnswerAsync(HttpListener server, int status, string text)
    {
        var context = await server.GetContextAsync();
        context.Response.StatusCode = status;
        context.Response.Close(Encoding.UTF8.GetBytes(text), willBlock: true);
        return $"{context.Request.HttpMethod} {context.Request.Url!.PathAndQuery}";
    }
}
