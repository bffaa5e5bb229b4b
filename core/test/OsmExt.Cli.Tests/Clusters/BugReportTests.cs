using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Text;

namespace OsmExt.Cli.Tests.Clusters;

/// <summary><c>osm support bug-report</c>.</summary>
public class BugReportTests
{
    [Fact]
    public async Task Everything_asked_for_is_in_the_archive_but_for_secrets()
    {
        await using var cluster = await TestCluster.StartAsync(
            ClusterObjects.ControlPlane, ClusterObjects.Namespace("shop", "openservicemesh.io/monitored-by: osm"), ClusterObjects.Pod("shop", "store"), """
            apiVersion: v1
            kind: Secret
            metadata: {name: osm-ca-bundle, namespace: osm-system}
            stringData: {key: very-secret}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: other, namespace: shop}
            spec: {containers: [{name: app, image: app, env: [{name: PASSWORD, value: very-secret} ] } ] }
            """);
        cluster.Logs["osm-system/osm-controller-1/osm-controller"] = "{\"line\": 1}\n";
        cluster.Logs["shop/store/envoy"] = "access\n";
        cluster.Logs["shop/store/app"] = "private\n";
        using var server = new HttpListener();
        cluster.Listen("shop/store", 15000, TestPage.Listen(server));
        var answering = AnswerAsync(server);
        var file = Path.Join(cluster.Root, "report.tar.gz");

        var run = await cluster.OsmAsync($"support bug-report --app-namespaces shop -o {file}");

        Assert.Equal((0, $"{file}\n"), (run.ExitCode, run.Output));
        var entries = await ReadAsync(file);
        Assert.Equal("{\"line\": 1}\n", entries["control-plane/pods/osm-controller-1/osm-controller.log"]);
        Assert.Equal("access\n", entries["namespaces/shop/pods/store/envoy.log"]);
        Assert.Equal("/config_dump?include_eds", entries["namespaces/shop/pods/store/config_dump"]);
        Assert.Contains("osm-ca-bundle", entries["control-plane/secret-names.json"], StringComparison.Ordinal);
        Assert.DoesNotContain("namespaces/shop/pods/store/app.log", entries.Keys);
        Assert.DoesNotContain(entries.Values, text => text.Contains("very-secret", StringComparison.Ordinal));
        Assert.Contains("missing control-plane/osm-controller-1/proxies.json: ", entries["report.txt"], StringComparison.Ordinal);

        var wrong = await cluster.OsmAsync("support bug-report -o report.zip");
        Assert.Equal((2, ""), (wrong.ExitCode, wrong.Output));
        server.Stop();
        await answering;
    }

    private static async Task AnswerAsync(HttpListener server)
    {
        try
        {
            while (true)
            {
                var context = await server.GetContextAsync();
                context.Response.Close(Encoding.UTF8.GetBytes(context.Request.Url!.PathAndQuery), willBlock: true);
            }
        }
        catch (Exception failure) when (failure is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static async Task<Dictionary<string, string>> ReadAsync(string file)
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var compressed = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        await using var archive = new TarReader(compressed);
        while (await archive.GetNextEntryAsync() is { } entry)
        {
            using var reader = new StreamReader(entry.DataStream ?? Stream.Null);
            entries[entry.Name] = await reader.ReadToEndAsync();
        }

        return entries;
    }
}
