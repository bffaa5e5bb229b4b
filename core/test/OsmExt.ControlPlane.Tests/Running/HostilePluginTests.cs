using OsmExt.Sdk.Diagnostics;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>Plugins that mean ill, or could: nobody else may notice.</summary>
public sealed class HostilePluginTests : IDisposable
{
    private readonly MeshDirectory _mesh = new();
    private readonly ScriptPlugins _plugins = new();

    public void Dispose()
    {
        _mesh.Dispose();
        _plugins.Dispose();
    }

    [Theory]
    [InlineData("throw", DiagnosticCodes.PluginFailed)]
    [InlineData("null", DiagnosticCodes.PluginFailed)]
    [InlineData("null-contribution", DiagnosticCodes.PluginFailed)]
    [InlineData("null-model", DiagnosticCodes.PluginFailed)]
    [InlineData("null-certificate", DiagnosticCodes.PluginFailed)]
    [InlineData("null-condition", DiagnosticCodes.PluginFailed)]
    [InlineData("hang", DiagnosticCodes.PluginFailed)]
    [InlineData("allocate", DiagnosticCodes.PluginFailed)]
    [InlineData("write", DiagnosticCodes.PluginFailed)]
    [InlineData("other-slot", DiagnosticCodes.PluginFailed)]
    [InlineData("garbage", DiagnosticCodes.ContributionRefused)]
    [InlineData("huge", DiagnosticCodes.ContributionRefused)]
    [InlineData("duplicate", DiagnosticCodes.ContributionConflict)]
    [InlineData("count", null)]
    public async Task Other_plugins_go_on_and_proxies_are_sent_nothing_they_refuse(string what, string? code)
    {
        _plugins.Write("good").WriteBehaviour();
        Objects("one", null);
        await using var plane = await RunningControlPlane.StartAsync(
            _mesh, configure: options => (options.Plugins, options.PluginScanInterval) = (_plugins.Root, TimeSpan.FromMilliseconds(20)));
        await using var store = await plane.ConnectAsync(Shop.Store1, "delta", node: ScriptPlugins.Node());
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, "delta", node: ScriptPlugins.Node());
        await buyer.HasHostsAsync();
        var before = buyer.Log.Length;

        foreach (var round in new[] { "two", "three", "four" })
        {
            Objects(round, what);
            await store.UntilAsync(() => ScriptPlugins.Of(store).Contains($"good.code.shop.g={round}"));
        }

        var findings = await plane.Pipeline.DiagnosticsAsync(default);
        Assert.True(code is null || findings.Any(finding => finding.Code == code), string.Join('\n', findings));
        Assert.DoesNotContain(findings, finding => finding.Code == DiagnosticCodes.InvalidResource || finding.Object is { Kind: "Good" });
        Assert.True(what == "duplicate" == (before != buyer.Log.Length), string.Join('\n', buyer.Log));
    }

    [Fact]
    public async Task What_a_plugin_costs_and_how_far_its_objects_are_is_on_the_debug_page_and_in_the_metrics()
    {
        _plugins.Write("good").Write("other");
        _mesh.Write("objects.yaml", ScriptPlugins.Object("good", "g", "one") + ScriptPlugins.Object("other", "o", "bad"));
        await using var plane = await RunningControlPlane.StartAsync(
            _mesh, configure: options => (options.Plugins, options.PluginScanInterval) = (_plugins.Root, TimeSpan.FromMilliseconds(20)));
        var identity = plane.IdentityOf(Shop.Store1);
        await using var store = new TestProxy(plane.Client(plane.CertificateOf(identity), identity.NodeId, ScriptPlugins.Node()), "delta")
        {
            Refusal = response => response.Resources.Any(resource => ScriptPlugins.Of(resource.Message as global::Envoy.Config.Listener.V3.Listener)
                .Any(script => script.EndsWith("=bad", StringComparison.Ordinal))) ? "inbound-listener: no" : null,
        };
        await store.UntilAsync(() => ScriptPlugins.Of(store).Length == 1);
        await plane.SettledAsync();

        var plugins = (await plane.DebugAsync("/debug/plugins"))["plugins"]!.AsArray().ToDictionary(plugin => $"{plugin!["id"]}", plugin => plugin!);
        var (good, other) = (plugins["good"], plugins["other"]);
        Assert.Equal(("in force", "in force in part"), ($"{good["state"]}", $"{other["state"]}"));
        Assert.Equal((1, 1, true), ((int)good["objects"]![0]!["proxies"]!, (int)good["objects"]![0]!["acknowledged"]!, (bool)good["objects"]![0]!["accepted"]!));
        Assert.Equal((1, 0, false), ((int)other["objects"]![0]!["proxies"]!, (int)other["objects"]![0]!["acknowledged"]!, (bool)other["objects"]![0]!["accepted"]!));
        Assert.Equal("inbound-listener: no", $"{other["quarantined"]![0]!["message"]}");
        Assert.Contains("OSM4020", $"{other["objects"]![0]!["findings"]}", StringComparison.Ordinal);
        Assert.Equal((0, 1), ((int)good["rejections"]!, (int)other["rejections"]!));
        foreach (var (metric, least) in new[] { ("calls_total", 1), ("contributions", 1), ("bytes", 50), ("allocated_bytes_total", 100) })
        {
            Assert.InRange(await plane.MetricAsync($"osm_plugin_{metric}", "plugin=\"good\""), least, 1e9);
        }

        Assert.Equal(0, await plane.MetricAsync("osm_plugin_errors_total"));
        Assert.Equal(1, await plane.MetricAsync("osm_plugin_rejections_total"));
        Assert.Equal(1, await plane.MetricAsync("osm_plugin_quarantined", "plugin=\"other\""));
    }

    private void Objects(string good, string? what) => _mesh.Write("objects.yaml", ScriptPlugins.Object("good", "g", good)
        + (what is null ? "" : ScriptPlugins.Object("behaviour", "b", "x").Replace("code: \"x\"", $"what: \"{what}\"", StringComparison.Ordinal)));
}
