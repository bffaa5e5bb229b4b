namespace OsmExt.Cli.Tests;

/// <summary>Commands of plugins, with one that the repository's plugins have.</summary>
public sealed class PluginRunTests : IDisposable
{
    private const string Mesh = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {openservicemesh.io/monitored-by: osm}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {clusterIP: 10.96.0.1, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
        ---
        apiVersion: policy.openservicemesh.io/v1alpha1
        kind: IngressBackend
        metadata: {name: front, namespace: shop}
        spec:
          backends: [{name: web, port: {number: 8080, protocol: http}}]
          sources: [{kind: IPRange, name: 192.0.2.0/24}]
        """;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("osm-cli-run-");

    private static string Contour => AppContext.BaseDirectory.Replace("OsmExt.Cli.Tests", "OsmExt.Plugin.Ingress.Contour", StringComparison.Ordinal);

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Who_may_come_in_is_a_table_and_what_is_wrong_decides_the_exit_code()
    {
        var good = await CheckAsync(Mesh);
        Assert.Equal((0, ""), (good.ExitCode, good.Errors));
        Assert.Equal(
            """
            SERVICE   POD PORT  SPEAKS  FROM          PROVES TO BE  SERVER NAMES  ALLOWED BY
            shop/web  8080      http    192.0.2.0/24  -             -             IngressBackend shop/front

            """, good.Output);
        Assert.Equal((0, "Nobody outside the mesh is let in\n"), await CheckAsync(Mesh, "--namespace", "other") is var other ? (other.ExitCode, other.Output) : default);

        var bad = await CheckAsync(Mesh.Replace("192.0.2.0/24", "everywhere", StringComparison.Ordinal));
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains("\"everywhere\" is no range of addresses", bad.Output, StringComparison.Ordinal);

        var warned = Mesh.Replace("[{kind: IPRange", "[{kind: Service, name: gateway, namespace: edge}, {kind: IPRange", StringComparison.Ordinal);
        Assert.Equal((0, 1), ((await CheckAsync(warned)).ExitCode, (await CheckAsync(warned, "--strict")).ExitCode));
    }

    [Fact]
    public async Task It_is_explained_and_listed_like_the_programs_own()
    {
        var help = await Osm.RunAsync("plugin", "run", Contour, "check", "--help");
        Assert.Equal((0, ""), (help.ExitCode, help.Errors));
        Assert.Contains("osm plugin run ingress-contour check [options]", help.Output, StringComparison.Ordinal);
        Assert.Contains("--namespace <TEXT>  Only objects of this namespace. Default: all.", help.Output, StringComparison.Ordinal);
        Assert.StartsWith("check: Say who outside the mesh may call what", (await Osm.RunAsync("plugin", "run", Contour)).Output, StringComparison.Ordinal);
        Assert.Contains("  command check: Say who", (await Osm.RunAsync("plugin", "list", Contour)).Output, StringComparison.Ordinal);
        Assert.Contains("Run a command of a plugin on manifests", (await Osm.RunAsync("plugin", "run", "--help")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("has no command chekc; it has:\ncheck:", "chekc")]
    [InlineData("'--nosuch'", "check", "--nosuch")]
    [InlineData("nowhere: error OSM1001", "check", "--config", "nowhere")]
    public async Task What_cannot_be_run_says_why(string why, params string[] words)
    {
        var run = await Osm.RunAsync(["plugin", "run", Contour, .. words]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(why, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_is_found_by_its_id_too()
    {
        var run = await Osm.RunAsync("plugin", "run", "ingress-contour", "check", "--plugins", Contour);
        Assert.Equal((0, "Nobody outside the mesh is let in\n"), (run.ExitCode, run.Output));
        Assert.Contains("there is no plugin nobody that can be used", (await Osm.RunAsync("plugin", "run", "nobody", "check")).Errors, StringComparison.Ordinal);
    }

    private async Task<Finished> CheckAsync(string manifests, params string[] options)
    {
        var file = Path.Combine(_root.FullName, "in.yaml");
        await File.WriteAllTextAsync(file, manifests);
        return await Osm.RunAsync(["plugin", "run", Contour, "check", "--config", file, .. options]);
    }
}
