using System.Globalization;

namespace OsmExt.E2E;

/// <summary>
/// Every plugin of this repository is replaced several times, each time by a version that configures Envoy differently, while requests, TCP connections
/// and HTTP/2 streams go through real Envoys of both versions: within the mesh, out of it and into it.
/// </summary>
[Collection(nameof(Machine))]
public sealed class HotReloadTests(OfficialMesh official) : IClassFixture<OfficialMesh>
{
    private const int Versions = 4;
    private static readonly (string, string) Allowed = ("x-judge", "allow");
    private static readonly string[] Servers = ["v1", "v2"];
    private static readonly string[] Callers = ["buyer", "old-buyer"];

    // Of each plugin: the proxies of both Envoys that have something of it (the statistics of Delivery.Flagger need the newer one), a text of
    // a template, and what is there instead in another version.
    private static readonly Dictionary<string, (string[] Proxies, string Template, string Text, string Replacement)> Changes = new(StringComparer.Ordinal)
    {
        ["Delivery.Flagger"] = (["buyer"], "requests", "{name: \"source_pod\", value_format: \"%ENVIRONMENT(POD_NAME)%\"},", "{name: \"source_pod\", value_format: \"%ENVIRONMENT(POD_NAME)%\"}, {name: \"version\", value_format: \"MARK\"},"),
        ["Egress"] = (Callers, "connections", "{{ spec.statistics }}", "{{ spec.statistics + \".MARK\" }}"),
        ["EnvoyPatch"] = (Servers, "patch", "{{ change.text ?? change.number ?? change.flag }}", "{{ change.text + \".MARK\" }}"),
        ["ExternalAuth"] = (Servers, "check", "{{ spec.statPrefix }}", "{{ spec.statPrefix + \".MARK\" }}"),
        ["ExternalBackend"] = (Callers, "cluster", "connect_timeout: 5s", "connect_timeout: 5s\nalt_stat_name: MARK"),
        ["HeaderTransform"] = (Servers, "header-mutation", "{{ header.value }}", "{{ header.value + \" MARK\" }}"),
        ["Ingress.Contour"] = (Servers, "backend", "\"ingress-http-conn-manager.\" + spec.port", "\"ingress-http-conn-manager.MARK.\" + spec.port"),
        ["Lua"] = (Servers, "lua", "{{ spec.code }}", "{{ spec.code + \" -- MARK\" }}"),
        ["RateLimit"] = (Servers, "local-rate-limit", "{{ plugin.id }}", "{{ plugin.id + \".MARK\" }}"),
        ["Routing"] = (Callers, "routes", "{{ header.value }}", "{{ header.value + \" MARK\" }}"),
        ["Telemetry"] = ([.. Servers, .. Callers], "log", "fields[\"config_generation\"] = generation", "fields[\"config_generation\"] = generation\n  fields[\"version\"] = \"MARK\""),
    };

    public static TheoryData<string> Plugins => [.. OfficialPlugins.Names.Select(name => name.Replace("OsmExt.Plugin.", "", StringComparison.Ordinal)).Where(name => name != Starting)];

    // What it says counts when proxies start, which they do not here.
    private const string Starting = "Statistics";

    private Mesh Mesh => official.Mesh;

    [MeshTheory]
    [MemberData(nameof(Plugins))]
    public async Task Versions_take_each_others_place_and_no_request_fails_and_no_stream_ends(string plugin)
    {
        var (proxies, template, text, replacement) = Changes[plugin];
        var (buyer, old, gateway) = (Mesh.Pod("buyer"), Mesh.Pod("old-buyer"), Mesh.Pod("gateway", OfficialMesh.Outside));
        await Wait.ForAsync((200, 200, 200, 200, 200), async () => (await AskAsync(buyer, "echo-v1"), await AskAsync(old, "echo-v2"), await AskAsync(gateway, Shop.V1), await AskAsync(gateway, Shop.V2),
            await AskAsync(buyer, "api.outside")));
        var connected = await ConnectedAsync();
        await using var first = await OpenConnection.OpenAsync(buyer, "echo-v1", "v1");
        await using var second = await OpenConnection.OpenAsync(old, "echo-v2", "v2");
        await using var outside = await OpenConnection.OpenAsync(buyer, OfficialMesh.Api, "api");
        await using var stream = await OpenStream.OpenAsync(buyer, "echo-v1", Allowed);
        await using var oldStream = await OpenStream.OpenAsync(old, "echo-v2", Allowed);
        await using var traffic = new Traffic([Allowed], (buyer, Url("echo-v1")), (old, Url("echo-v2")), (gateway, Url(Shop.V1)), (gateway, Url(Shop.V2)), (buyer, Url("api.outside")));

        for (var version = 1; version <= Versions; version++)
        {
            var (mark, sent) = (string.Create(CultureInfo.InvariantCulture, $"version-{plugin}-{version}"), traffic.Sent);
            var stated = await official.Plugins.ExchangeAsync($"OsmExt.Plugin.{plugin}", (Path.Join("templates", $"{template}.scriban"), text, replacement.Replace("MARK", mark, StringComparison.Ordinal)));
            await Wait.UntilAsync(async () => (await InForceAsync()).Contains(stated), $"{plugin} {stated} is in force");
            foreach (var proxy in proxies)
            {
                await Wait.UntilAsync(async () => (await Mesh.AdminAsync(proxy, "config_dump")).Contains(mark, StringComparison.Ordinal), $"{proxy} has what {plugin} {stated} makes");
            }

            await Wait.UntilAsync(() => traffic.Sent > sent + 50, "requests go on");
            await Task.WhenAll(first.SayAsync(mark), second.SayAsync(mark), outside.SayAsync(mark), stream.SayAsync(mark), oldStream.SayAsync(mark));
        }

        Assert.Empty(await traffic.StopAsync());
        Assert.Equal(connected, await ConnectedAsync());
        Assert.Equal(0, await Mesh.MetricAsync("osm_plugin_rejections_total"));
    }

    private static string Url(string host) => $"http://{host}:8080/items/1";

    private static Task<int> AskAsync(PodNetwork from, string host) => from.StatusAsync(Url(host), Allowed);

    private async Task<HashSet<string>> InForceAsync()
        => [.. ((await Mesh.DebugAsync("plugins"))?["plugins"]?.AsArray() ?? []).Where(plugin => $"{plugin!["state"]}" == "in force").Select(plugin => $"{plugin!["version"]}")];

    // Since when each proxy's stream to the control plane is open.
    private async Task<string[]> ConnectedAsync()
        => [.. (await Mesh.DebugAsync("proxies"))!.AsArray().Select(proxy => $"{proxy!["proxy"]} {proxy["connected_since"]}").Order(StringComparer.Ordinal)];
}
