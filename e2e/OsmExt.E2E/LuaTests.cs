using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>The plugin Lua before real Envoys of both versions: scripts run, replace each other, and go, without a restart.</summary>
public sealed class LuaTests : IDisposable
{
    private readonly string _plugins = Directory.CreateTempSubdirectory("osm-e2e-plugins-").FullName;

    public void Dispose() => Directory.Delete(_plugins, recursive: true);

    [MeshFact]
    public async Task Scripts_run_at_both_Envoys_and_a_changed_one_is_in_force_without_a_restart()
    {
        new PluginSource("OsmExt.Plugin.Lua").InstallInto(_plugins);
        await using var mesh = await Mesh.StartAsync(Prepare, "--plugins", _plugins);
        var buyer = mesh.Pod("buyer");
        await Wait.ForAsync((403, 403), () => CrawlAsync(buyer));
        Assert.Equal("v1 v2", $"{(await buyer.GetAsync("http://echo-v1:8080/items/1"))!["headers"]!["x-script"]} {(await buyer.GetAsync("http://echo-v2:8080/items/1"))!["headers"]!["x-script"]}");

        mesh.Config.Write("scripts", Script("no-crawlers", "", "[\":status\"] = \"429\""));
        await Wait.ForAsync((429, 429), () => CrawlAsync(buyer));
        Assert.Null((await buyer.GetAsync("http://echo-v1:8080/items/1"))!["headers"]!["x-script"]);

        mesh.Config.Delete("scripts");
        await Wait.ForAsync((200, 200), () => CrawlAsync(buyer));
    }

    private static async Task<(int, int)> CrawlAsync(PodNetwork from)
        => (await from.StatusAsync("http://echo-v1:8080/items/1", ("user-agent", "crawler")), await from.StatusAsync("http://echo-v2:8080/items/1", ("user-agent", "crawler")));

    private static void Prepare(ManifestFolder config)
    {
        config.Write("mesh", MeshConfig(permissive: true));
        config.Write("pods", Manifests.Namespace(Shop.Namespace),
            Server(Shop.Namespace, "v1", Shop.V1, "echo"), Server(Shop.Namespace, "v2", Shop.V2, "echo", Requirements.OldEnvoy), Client(Shop.Namespace, "buyer", "10.244.1.11"),
            Service(Shop.Namespace, "echo-v1", "10.96.1.1", "version: v1", ("v1", Shop.V1)), Service(Shop.Namespace, "echo-v2", "10.96.1.2", "version: v2", ("v2", Shop.V2)));
        config.Write("scripts", Script("no-crawlers", "", "[\":status\"] = \"403\""), Mark("v1"), Mark("v2"));
    }

    private static string Script(string name, string target, string status) => $$"""
        apiVersion: script.osmext.io/v1alpha1
        kind: LuaScript
        metadata: {name: {{name}}, namespace: shop}
        spec:
          {{target}}
          code: |
            function envoy_on_request(handle)
              if handle:headers():get("user-agent") == "crawler" then
                handle:respond({ {{status}} }, "no crawlers")
              end
            end
        """;

    private static string Mark(string version) => $$"""
        apiVersion: script.osmext.io/v1alpha1
        kind: LuaScript
        metadata: {name: mark-{{version}}, namespace: shop}
        spec:
          targetRef: {kind: Service, name: echo-{{version}}}
          code: |
            function envoy_on_request(handle) handle:headers():add("x-script", "{{version}}") end
        """;
}
