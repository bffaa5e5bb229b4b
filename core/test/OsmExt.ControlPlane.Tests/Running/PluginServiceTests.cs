using System.Net;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>Services of plugins while proxies are connected: what they publish reaches proxies, and how they are can be seen.</summary>
public sealed class PluginServiceTests : IDisposable
{
    private readonly MeshDirectory _mesh = new();
    private readonly ScriptPlugins _plugins = new ScriptPlugins().WriteBehaviour();

    public PluginServiceTests()
    {
        File.AppendAllText(Manifest, "capabilities: [run-service]\nservices:\n- {name: looker, type: OsmExt.PluginHost.TestPlugin.BehaviourService, readiness: true}\n");
        File.WriteAllText(Path.Combine(_plugins.Root, "policy.yaml"), "plugins:\n  behaviour: {grants: [run-service]}\n");
    }

    private string Manifest => Path.Combine(_plugins.Root, "behaviour", "plugin.yaml");

    public void Dispose()
    {
        _mesh.Dispose();
        _plugins.Dispose();
    }

    [Fact]
    public async Task What_a_service_publishes_reaches_proxies_and_a_new_version_goes_on_from_there()
    {
        Do("publish one");
        await using var plane = await StartAsync();
        await using var store = await plane.ConnectAsync(Shop.Store1, "delta", node: ScriptPlugins.Node());
        await store.UntilAsync(() => Scripts(store).SequenceEqual(["-- one"]));

        Do("publish two");
        await store.UntilAsync(() => Scripts(store).SequenceEqual(["-- two"]));
        var service = await ServiceAsync(plane);
        Assert.Equal(("looker", "healthy", "It knows two", 0, 1, true), ($"{service["name"]}", $"{service["health"]}", $"{service["says"]}", (int)service["restarts"]!, (int)service["values"]!, (bool)service["readiness"]!));
        Assert.Equal(2, await plane.MetricAsync("osm_plugin_service_health", "plugin=\"behaviour\",service=\"looker\""));

        var before = store.Log.Length;
        File.AppendAllText(Manifest, "# another version\n");
        await Wait.UntilAsync(async () => (int)(await ServiceAsync(plane))["published"]! == 0 && $"{(await ServiceAsync(plane))["health"]}" == "healthy", () => plane.Logs.Text);
        await plane.SettledAsync();
        Assert.Equal(before, store.Log.Length);
    }

    [Fact]
    public async Task A_version_that_fails_in_the_trial_runs_nothing_and_the_one_before_goes_on()
    {
        Do("publish one");
        await using var plane = await StartAsync();
        await using var store = await plane.ConnectAsync(Shop.Store1, "delta", node: ScriptPlugins.Node());
        await store.UntilAsync(() => Scripts(store).SequenceEqual(["-- one"]));

        var template = Path.Combine(_plugins.Root, "behaviour", "templates", "lua.scriban");
        File.WriteAllText(template, File.ReadAllText(template) + "{{ spec.nosuch }}\n");
        await Wait.UntilAsync(async () => (await plane.Pipeline.DiagnosticsAsync(default)).Any(finding => finding.Code == "OSM1009"), () => plane.Logs.Text);
        Assert.Equal((1, 0), ((int)(await ServiceAsync(plane))["published"]!, (int)(await ServiceAsync(plane))["restarts"]!));

        Do("publish two");
        await store.UntilAsync(() => Scripts(store).SequenceEqual(["-- two"]));
        Assert.Equal(2, (int)(await ServiceAsync(plane))["published"]!);
    }

    [Fact]
    public async Task The_control_plane_is_ready_only_while_a_service_that_says_so_is_not_unhealthy()
    {
        Do("throw-in-service");
        await using var plane = await StartAsync();
        await Wait.UntilAsync(async () => (int)(await ServiceAsync(plane))["restarts"]! > 0, () => plane.Logs.Text);
        using var failed = await plane.HttpAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
        Assert.StartsWith("Service looker of plugin behaviour is unhealthy: It ", await failed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.InRange(await plane.MetricAsync("osm_plugin_service_restarts_total"), 1, 1000);

        Do("publish one");
        await Wait.UntilAsync(async () => (await plane.HttpTextIfOkAsync("/health/ready")) == "Service is ready\n", () => plane.Logs.Text);
    }

    [Fact]
    public async Task One_that_publishes_endlessly_changes_the_policy_once_a_second_at_most_and_does_not_keep_the_process()
    {
        Do("publish-endlessly");
        var plane = await StartAsync();
        await Wait.UntilAsync(async () => (int)(await ServiceAsync(plane))["published"]! > 10_000, () => "it does not publish");
        var compiled = plane.Logs.Text.Split('\n').Count(line => line.Contains("Policy of revision", StringComparison.Ordinal));
        Assert.InRange(compiled, 1, 60);
        await plane.DisposeAsync();
    }

    private Task<RunningControlPlane> StartAsync() => RunningControlPlane.StartAsync(
        _mesh, configure: options => (options.Plugins, options.PluginScanInterval) = (_plugins.Root, TimeSpan.FromMilliseconds(20)));

    private static async Task<System.Text.Json.Nodes.JsonNode> ServiceAsync(RunningControlPlane plane) => (await plane.DebugAsync("/debug/plugins"))["plugins"]![0]!["services"]![0]!;

    private static string[] Scripts(TestProxy proxy) => [.. ScriptPlugins.Of(proxy).Select(script => script[(script.IndexOf('=', StringComparison.Ordinal) + 1)..])];

    private void Do(string what) => _mesh.Write("objects.yaml", ScriptPlugins.Object("behaviour", "b", "x").Replace("code: \"x\"", $"what: \"{what}\"", StringComparison.Ordinal));
}
