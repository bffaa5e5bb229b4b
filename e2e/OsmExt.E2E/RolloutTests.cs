
namespace OsmExt.E2E;

/// <summary>New versions of a plugin at one of several real Envoys first.</summary>
public sealed class RolloutTests : IDisposable
{
    private const string Header = "x-script";

    private readonly PluginsDirectory _plugins = new PluginsDirectory()
        .Write("policy.yaml", "plugins:\n  script:\n    rollout: {labels: {version: v2}, bakeTime: 3s}\n")
        .Write("script/plugin.yaml", """
            id: script
            version: 1.0.0
            sdk: ">=0.1 <0.2"
            envoy: ">=1.36"
            failure: open
            resources:
            - {group: test.osmext.io, kind: Script, versions: [v1], schema: schema.yaml}
            contributions:
            - {name: code, point: http-filter, direction: inbound, for: Script, template: lua.scriban}
            """)
        .Write("script/schema.yaml", "type: object\nproperties:\n  value: {type: string}\n")
        .Write("script/lua.scriban", Template("one"));

    public void Dispose() => _plugins.Dispose();

    [MeshFact]
    public async Task What_the_first_Envoy_refuses_the_others_never_see_and_what_it_takes_they_get_in_time()
    {
        await using var mesh = await Mesh.StartAsync(Prepare, "--plugins", _plugins.Path);
        using var client = mesh.Pod("buyer").CreateClient();
        await Wait.ForAsync(("one", "one"), () => HeadersAsync(client));
        await using var traffic = new Traffic((mesh.Pod("buyer"), "http://echo-v1:8080/items/1"), (mesh.Pod("buyer"), "http://echo-v2:8080/items/1"));
        var before = await ListenerAsync(mesh, "v1");

        _plugins.Write("script/lua.scriban", "\"@type\": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua\ndefault_source_code: {inline_string: \"function envoy_on_response(\"}\n");
        await Wait.UntilAsync(async () => $"{await mesh.DebugAsync("diagnostics")}".Contains("OSM4016", StringComparison.Ordinal), "the new version is taken back");
        Assert.Contains("script load error", $"{(await mesh.DebugAsync("plugins"))!["rollouts"]![0]!["fault"]}", StringComparison.Ordinal);
        await Wait.ForAsync(("one", "one"), () => HeadersAsync(client));
        Assert.Equal(before, await ListenerAsync(mesh, "v1"));
        Assert.Equal(1, await mesh.MetricAsync("osm_plugin_rejections_total"));

        _plugins.Write("script/lua.scriban", Template("two"));
        await Wait.ForAsync(("one", "two"), () => HeadersAsync(client));
        Assert.Equal(before, await ListenerAsync(mesh, "v1"));
        await Wait.ForAsync(("two", "two"), () => HeadersAsync(client));
        Assert.Empty((await mesh.DebugAsync("plugins"))!["rollouts"]!.AsArray());

        Assert.Empty(await traffic.StopAsync());
        Assert.InRange(traffic.Sent, 100, int.MaxValue);
    }

    private static string Template(string suffix) => $$$$"""
        "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
        default_source_code: {inline_string: {{ 'function envoy_on_response(handle) handle:headers():add("{{{{Header}}}}", "{{{{suffix}}}}") end' }}}
        """;

    // What the pod's Envoy has been sent and has acknowledged of its inbound listener, and what it refused.
    private static async Task<string> ListenerAsync(Mesh mesh, string pod)
    {
        var listeners = (await mesh.DebugAsync($"proxies/{Shop.Namespace}/{pod}"))![0]!["types"]!.AsArray().Single(type => $"{type!["type"]}" == "Listener")!;
        return $"{listeners["resources"]!.AsArray().Single(resource => $"{resource!["name"]}" == "inbound-listener")} {listeners["rejections"]}";
    }

    private static async Task<(string V1, string V2)> HeadersAsync(HttpClient client) => (await HeaderAsync(client, "echo-v1"), await HeaderAsync(client, "echo-v2"));

    private static async Task<string> HeaderAsync(HttpClient client, string service)
    {
        using var response = await client.GetAsync(new Uri($"http://{service}:8080/items/1"));
        return response.Headers.TryGetValues(Header, out var values) ? string.Join(',', values) : "";
    }

    private static void Prepare(ManifestFolder config)
    {
        Shop.PrepareBuyer(config);
        config.Write("script", "apiVersion: test.osmext.io/v1\nkind: Script\nmetadata: {name: everywhere, namespace: shop}\nspec: {}\n");
    }
}
