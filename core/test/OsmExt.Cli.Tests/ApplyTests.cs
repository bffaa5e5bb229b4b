using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using OsmExt.Cli.Applying;
using OsmExt.Cli.Clusters;
using OsmExt.Cli.Tests.Clusters;

namespace OsmExt.Cli.Tests;

/// <summary><c>osm apply</c> against control planes that really run.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ApplyTests : IDisposable
{
    private const string Routes = """
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: HTTPRouteGroup
        metadata: {name: more, namespace: shop}
        spec: {matches: [{name: all, pathRegex: "/PATH.*", methods: [GET]}]}
        """;

    private const string Target = """
        apiVersion: access.smi-spec.io/v1alpha3
        kind: TrafficTarget
        metadata: {name: more, namespace: shop}
        spec:
          destination: {kind: ServiceAccount, name: store, namespace: shop}
          rules: [{kind: HTTPRouteGroup, name: more, matches: [all]}]
          sources: [{kind: ServiceAccount, name: buyer, namespace: shop}]
        """;

    private readonly TempMesh _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public async Task A_control_plane_that_reads_a_directory_says_when_it_has_read_it_and_who_lags()
    {
        var (http, debug) = (RealControlPlaneTests.Free(), RealControlPlaneTests.Free());
        using var process = Osm.Start("run", "--config", _mesh.Manifests, "--state", _mesh.State, "--xds-address", "127.0.0.1:0", "--http-address", http, "--debug-address", debug);
        var logs = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await RealControlPlaneTests.UntilReadyAsync(http, process);
            var waiting = Osm.RunAsync("apply", _mesh.Manifests, "--wait", "0%", "--within", "30s", "--debug-address", debug);
            _mesh.Write("more.yaml", Routes);
            Assert.Equal((0, ""), (await waiting) is var done ? (done.ExitCode, done.Errors) : default);
            Assert.Contains("0 of 2 sidecars have it (0 %)", done.Output, StringComparison.Ordinal);

            var late = await Osm.RunAsync("apply", _mesh.Manifests, "--wait", "99%", "--within", "1s", "--debug-address", debug);
            Assert.Equal((5, "osm: fewer than 99 % of the sidecars have it after 1 s; it stays applied\n"), (late.ExitCode, late.Errors));
            Assert.Matches("\nLAGS +REASON +SINCE +DETAIL\nshop/buyer +disconnected +- +Its sidecar is not connected\nshop/store +disconnected +- +Its sidecar is not connected\n$", late.Output);
            var json = JsonNode.Parse((await Osm.RunAsync("apply", _mesh.Manifests, "--within", "0", "--debug-address", debug, "-o", "json")).Output)!;
            Assert.Equal((2, 0, false, "disconnected"), ((int)json["proxies"]!, (int)json["have"]!, (bool)json["reached"]!, (string)json["lagging"]![0]!["reason"]!));

            // It does not read other directories, and says so.
            using var other = new TempDirectory();
            await File.WriteAllTextAsync(Path.Join(other.Path, "more.yaml"), Routes.Replace("PATH", "other", StringComparison.Ordinal));
            var unread = await Osm.RunAsync("apply", other.Path, "--wait", "0", "--within", "1s", "--debug-address", debug);
            Assert.Equal(5, unread.ExitCode);
            Assert.Contains("has not read these as they are now: HTTPRouteGroup shop/more; this control plane reads files by itself", unread.Errors, StringComparison.Ordinal);

            await File.WriteAllTextAsync(Path.Join(other.Path, "broken.yaml"), "kind: {");
            var broken = await Osm.RunAsync("apply", other.Path, "--debug-address", debug);
            Assert.Equal((2, ""), (broken.ExitCode, broken.Output));
            Assert.Contains("broken.yaml", broken.Errors, StringComparison.Ordinal);

            // What is applied and wrong is not in force, however many have it.
            _mesh.Write("more.yaml", $"{Routes.Replace("PATH", "(", StringComparison.Ordinal)}\n---\n{Target}");
            var wrong = await Osm.RunAsync("apply", _mesh.Manifests, "--wait", "0", "--debug-address", debug);
            Assert.True(wrong.ExitCode == 1 && wrong.Errors.Contains("OSM2008", StringComparison.Ordinal) && wrong.Errors.Contains("not in force", StringComparison.Ordinal), wrong.ToString());
        }
        finally
        {
            await EndAsync(process, logs);
        }
    }

    [Fact]
    public async Task On_a_cluster_objects_go_to_the_API_server_all_or_none_and_fields_of_others_are_theirs()
    {
        var definitions = HelmChart.Files.Where(file => file.Path.StartsWith("crds/", StringComparison.Ordinal)).Select(file => file.Text).ToArray();
        await using var cluster = await TestCluster.StartAsync([Clusters.ClusterObjects.ControlPlane, Clusters.ClusterObjects.Namespace("shop", "openservicemesh.io/monitored-by: osm"),
            Clusters.ClusterObjects.Pod("shop", "buyer"), .. definitions]);
        var (http, debug) = (RealControlPlaneTests.Free(), RealControlPlaneTests.Free());
        using var process = Osm.Start(
            "run", "--kubernetes", "--kubeconfig", cluster.Kubeconfig, "--state", _mesh.State, "--xds-address", "127.0.0.1:0", "--webhook-address", "127.0.0.1:0", "--http-address", http, "--debug-address", debug);
        var logs = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            cluster.Listen("osm-system/osm-controller-1", 9092, debug);
            await RealControlPlaneTests.UntilReadyAsync(http, process);
            using var given = new TempDirectory();
            await File.WriteAllTextAsync(Path.Join(given.Path, "all.yaml"), $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: other}}\n---\n{Routes}\n---\n{Routes.Replace("namespace: shop", "namespace: other", StringComparison.Ordinal)}");

            var applied = await cluster.OsmAsync($"apply {given.Path} --wait 0 --within 30s");
            Assert.True(applied is { ExitCode: 0, Errors: "" }, applied.ToString());
            Assert.StartsWith("3 objects were applied to the cluster of context ", applied.Output, StringComparison.Ordinal);
            Assert.Contains("0 of 1 sidecars have it", applied.Output, StringComparison.Ordinal);
            var routes = await cluster.GetAsync("apis/specs.smi-spec.io/v1alpha4/namespaces/other/httproutegroups/more");
            Assert.Equal("osm", (string)routes["metadata"]!["managedFields"]![0]!["manager"]!);

            var late = await cluster.OsmAsync($"apply {given.Path} --within 1s");
            Assert.Equal(5, late.ExitCode);
            Assert.Contains("shop/buyer  disconnected", late.Output, StringComparison.Ordinal);

            // One that the server does not take keeps all from being applied.
            await File.WriteAllTextAsync(Path.Join(given.Path, "b.yaml"), "apiVersion: v1\nkind: Service\nmetadata: {name: b, namespace: shop}\nspec: {ports: [{port: 99999}]}");
            await File.WriteAllTextAsync(Path.Join(given.Path, "all.yaml"), Routes.Replace("PATH", "changed", StringComparison.Ordinal));
            var invalid = await cluster.OsmAsync($"apply {given.Path} --wait 0");
            Assert.Equal((2, ""), (invalid.ExitCode, invalid.Output));
            Assert.Equal("/PATH.*", (string)(await cluster.GetAsync("apis/specs.smi-spec.io/v1alpha4/namespaces/shop/httproutegroups/more"))["spec"]!["matches"]![0]!["pathRegex"]!);
            File.Delete(Path.Join(given.Path, "b.yaml"));

            // Somebody else's field.
            routes = await cluster.GetAsync("apis/specs.smi-spec.io/v1alpha4/namespaces/shop/httproutegroups/more");
            routes["spec"]!["matches"]![0]!["pathRegex"] = "/theirs.*";
            await cluster.PutAsync("apis/specs.smi-spec.io/v1alpha4/namespaces/shop/httproutegroups/more?fieldManager=kubectl", routes);
            var conflict = await cluster.OsmAsync($"apply {given.Path} --wait 0");
            Assert.True(conflict.ExitCode == 1 && conflict.Errors.Contains("kubectl", StringComparison.Ordinal) && conflict.Errors.Contains("--force-conflicts", StringComparison.Ordinal), conflict.ToString());
            Assert.Equal(0, (await cluster.OsmAsync($"apply {given.Path} --wait 0 --force-conflicts")).ExitCode);
            Assert.Equal("/changed.*", (string)(await cluster.GetAsync("apis/specs.smi-spec.io/v1alpha4/namespaces/shop/httproutegroups/more"))["spec"]!["matches"]![0]!["pathRegex"]!);
        }
        finally
        {
            await EndAsync(process, logs);
        }
    }

    [Fact]
    public void Of_several_replicas_the_one_a_sidecar_is_connected_to_counts()
    {
        JsonObject one = Receipt(["a", "c"], ("b", "disconnected"), ("d", "disconnected"), ("e", "slow")), other = Receipt(["b", "e"], ("a", "disconnected"), ("c", "slow"), ("d", "disconnected"));
        var merged = ReceiptWait.Merge([one, other], 0.4);
        Assert.Equal(["a", "b"], merged["has"]!.AsArray().Select(name => $"{name}"));
        Assert.Equal(["c slow", "d disconnected", "e slow"], merged["lagging"]!.AsArray().Select(lag => $"{lag!["proxy"]} {lag["reason"]}"));
        Assert.True((bool)merged["reached"]!);
        Assert.False((bool)ReceiptWait.Merge([one, other], 0.5)["reached"]!);
        other["published"] = false;
        Assert.False((bool)ReceiptWait.Merge([one, other], 0)["reached"]!);

        static JsonObject Receipt(string[] has, params (string Proxy, string Reason)[] lagging) => new()
        {
            ["revision"] = 3, ["published"] = true, ["has"] = new JsonArray([.. has.Select(name => (JsonNode)name)]), ["missing"] = new JsonArray(), ["findings"] = new JsonArray(),
            ["lagging"] = new JsonArray([.. lagging.Select(lag => (JsonNode)new JsonObject { ["proxy"] = lag.Proxy, ["reason"] = lag.Reason })]),
        };
    }

    [Theory]
    [InlineData("101%")]
    [InlineData("-1")]
    [InlineData("most")]
    public async Task A_part_that_is_none_is_refused(string share)
    {
        var run = await Osm.RunAsync("apply", _mesh.Manifests, $"--wait={share}");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("99%", run.Errors, StringComparison.Ordinal);
    }

    private static async Task EndAsync(Process process, Task logs)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        await logs;
    }
}
