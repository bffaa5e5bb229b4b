using System.Text.Json.Nodes;

namespace OsmExt.E2E;

/// <summary>
/// Plugins that mean ill beside one that works, in front of real Envoys of both versions and under traffic: every request is answered, every
/// response carries what the good plugin adds, and what the good plugin is told goes on being carried out.
/// </summary>
[Collection(nameof(Machine))]
public sealed class HostilePluginTests : IDisposable
{
    private const string Header = "x-plugin";
    private static readonly string[] Services = ["echo-v1", "echo-v2"];
    private readonly PluginsDirectory _plugins = new PluginsDirectory()
        .Install(new PluginSource("OsmExt.Plugin.HeaderTransform"))
        .InstallBehaviour()
        .Write("guard/plugin.yaml", """
            id: guard
            version: 1.0.0
            sdk: ">=0.1 <0.2"
            envoy: ">=1.36"
            failure: closed
            resources:
            - {group: test.osmext.io, kind: Guard, versions: [v1], schema: schema.yaml}
            contributions:
            - {name: code, point: http-filter, direction: inbound, for: Guard, template: lua.scriban}
            """)
        .Write("guard/schema.yaml", "type: object\nproperties:\n  code: {type: string}\n")
        .Write("guard/lua.scriban", "\"@type\": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua\ndefault_source_code: {inline_string: {{ spec.code }}}\n");

    public void Dispose() => _plugins.Dispose();

    [MeshFact]
    public async Task Nobody_else_notices_a_plugin_that_fails_in_whatever_way()
    {
        await using var mesh = await Mesh.StartAsync(Prepare, "--plugins", _plugins.Path);
        using var client = mesh.Pod("buyer").CreateClient();
        await SeenAsync(client, "begin");

        await using var traffic = new Traffic((mesh.Pod("buyer"), "http://echo-v1:8080/items/1"), (mesh.Pod("buyer"), "http://echo-v2:8080/items/1"));
        using var ending = new CancellationTokenSource();
        var watching = WatchAsync(mesh.Pod("buyer"), ending.Token);
        foreach (var (what, code) in new[]
        {
            ("throw", "OSM4002"), ("null", "OSM4002"), ("allocate", "OSM4002"), ("write", "OSM4002"), ("other-slot", "OSM4002"), ("garbage", "OSM4003"), ("huge", "OSM4003"),
            ("duplicate", "OSM4004"), ("count", null), ("invalid", "OSM4020"), ("hang", "OSM4002"),
        })
        {
            Objects(mesh, what, what);
            await FoundAsync(mesh, code, "Behaviour");
            await SeenAsync(client, what);
            // A call that goes well lets the breaker forget.
            Objects(mesh, $"after {what}", "-- well");
            await SeenAsync(client, $"after {what}");
        }

        await ending.CancelAsync();
        Assert.Equal((0, ""), (await watching, string.Join('\n', await traffic.StopAsync())));
        Assert.InRange(traffic.Sent, 500, int.MaxValue);
        // The one of the two Envoys' own words, once for each build; nothing else was ever refused.
        Assert.Equal(2, await mesh.MetricAsync("osm_plugin_rejections_total"));
    }

    [MeshFact]
    public async Task What_Envoy_refuses_is_laid_at_its_plugins_door_and_a_guard_keeps_the_last_good_configuration()
    {
        await using var mesh = await Mesh.StartAsync(Prepare, "--plugins", _plugins.Path);
        using var client = mesh.Pod("buyer").CreateClient();
        await SeenAsync(client, "begin");
        await using var traffic = new Traffic((mesh.Pod("buyer"), "http://echo-v1:8080/items/1"), (mesh.Pod("buyer"), "http://echo-v2:8080/items/1"));

        Objects(mesh, "two", "invalid");
        await SeenAsync(client, "two");
        await FoundAsync(mesh, "OSM4020", "Behaviour");
        var finding = (await FindingsAsync(mesh, "OSM4020"))[0];
        Assert.Contains("Plugin behaviour, lua", $"{finding["message"]}", StringComparison.Ordinal);
        Assert.Contains("inbound-listener", $"{finding["message"]}", StringComparison.Ordinal);
        Assert.Contains("script load error", $"{finding["message"]}", StringComparison.Ordinal);
        var plugins = (await mesh.DebugAsync("plugins"))!["plugins"]!.AsArray().ToDictionary(plugin => $"{plugin!["id"]}", plugin => plugin!);
        Assert.Equal("in force in part", $"{plugins["behaviour"]["state"]}");
        var transform = plugins["header-transform"]["objects"]![0]!;
        Assert.Equal((2, 2), ((int)transform["proxies"]!, (int)transform["acknowledged"]!));
        Objects(mesh, "three", "-- well");
        await SeenAsync(client, "three");
        await Wait.UntilAsync(async () => (await FindingsAsync(mesh, "OSM4020")).Length == 0, "the finding goes with what it is about");

        Guard(mesh, "function envoy_on_response(");
        await FoundAsync(mesh, "OSM4005", "");
        Objects(mesh, "four", "-- well");
        await Wait.ForAsync("four", () => HeaderAsync(client, "echo-v1"));
        Assert.Equal("three", await HeaderAsync(client, "echo-v2"));
        Guard(mesh, "-- better");
        await SeenAsync(client, "four");

        Assert.Empty(await traffic.StopAsync());
        Assert.InRange(traffic.Sent, 100, int.MaxValue);
    }

    private static void Objects(Mesh mesh, string header, string behaviour) => mesh.Config.Write("objects", $$"""
        apiVersion: transform.osmext.io/v1alpha1
        kind: HeaderTransform
        metadata: {name: everywhere, namespace: shop}
        spec:
          response:
            set: [{name: {{Header}}, value: "{{header}}"}]
        """, $$"""
        apiVersion: test.osmext.io/v1
        kind: Behaviour
        metadata: {name: bad, namespace: shop}
        spec: {what: "{{behaviour}}"}
        """);

    private static void Guard(Mesh mesh, string code) => mesh.Config.Write("guard", $$"""
        apiVersion: test.osmext.io/v1
        kind: Guard
        metadata: {name: guard, namespace: shop}
        spec: {targetRef: {kind: Service, name: echo-v2}, code: "{{code}}"}
        """);

    private static Task<TimeSpan> FoundAsync(Mesh mesh, string? code, string kind) => Wait.UntilAsync(
        async () => code is null || (await FindingsAsync(mesh, code)).Any(finding => code == "OSM4002" || $"{finding["object"]}".StartsWith(kind, StringComparison.Ordinal)), $"{code} is found");

    private static async Task<JsonNode[]> FindingsAsync(Mesh mesh, string code)
        => [.. ((await mesh.DebugAsync("diagnostics"))?.AsArray() ?? []).Select(finding => finding!).Where(finding => $"{finding["code"]}" == code && $"{finding["severity"]}" != "info")];

    private static async Task SeenAsync(HttpClient client, string value)
    {
        foreach (var service in Services)
        {
            await Wait.ForAsync(value, () => HeaderAsync(client, service));
        }
    }

    private static async Task<string> HeaderAsync(HttpClient client, string service)
    {
        using var response = await client.GetAsync(new Uri($"http://{service}:8080/items/1"));
        return response.Headers.TryGetValues(Header, out var values) ? string.Join(',', values) : "";
    }

    // How many responses lacked the good plugin's header.
    private static async Task<int> WatchAsync(PodNetwork from, CancellationToken ending)
    {
        using var client = from.CreateClient();
        var lacking = 0;
        while (!ending.IsCancellationRequested)
        {
            foreach (var service in Services)
            {
                lacking += (await HeaderAsync(client, service)).Length == 0 ? 1 : 0;
            }
        }

        return lacking;
    }

    private static void Prepare(ManifestFolder config)
    {
        Shop.PrepareBuyer(config);
        config.Write("objects", """
            apiVersion: transform.osmext.io/v1alpha1
            kind: HeaderTransform
            metadata: {name: everywhere, namespace: shop}
            spec: {response: {set: [{name: x-plugin, value: begin}]}}
            """);
        config.Write("guard", """
            apiVersion: test.osmext.io/v1
            kind: Guard
            metadata: {name: guard, namespace: shop}
            spec: {targetRef: {kind: Service, name: echo-v2}, code: "-- well"}
            """);
    }
}
