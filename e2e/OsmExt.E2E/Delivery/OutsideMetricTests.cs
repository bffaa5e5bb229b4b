using static OsmExt.E2E.Delivery.Deployments;

namespace OsmExt.E2E.Delivery;

/// <summary>Requests that no proxy of the mesh has sent are counted where they arrive, whichever plugin lets them in; all others where they are sent.</summary>
public sealed class OutsideMetricTests : IDisposable
{
    private const string Address = "10.244.6.1";
    private readonly string _plugins = Directory.CreateTempSubdirectory("osm-e2e-plugins-").FullName;

    public void Dispose() => Directory.Delete(_plugins, recursive: true);

    [MeshFact]
    public async Task Each_request_counts_once_wherever_it_comes_from()
    {
        Install();
        await using var mesh = await Mesh.StartAsync(Prepare, "--plugins", _plugins);

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, await mesh.Pod("tester-1", Namespace).StatusAsync("http://pod-info:8080/"));
        }

        // What does not get through is not counted.
        await Wait.ForAsync(503, () => mesh.Node.StatusAsync($"http://{Address}:8080/", ("x-echo-status", "503")));

        await Wait.ForAsync("503 unknown unknown unknown unknown test Deployment pod-info pod-1 1", () => CountersAsync(mesh, "pod-1"));
        await Wait.ForAsync("200 test Deployment load-tester tester-1 test Deployment pod-info pod-1 3", () => CountersAsync(mesh, "tester-1"));
    }

    private static async Task<string> CountersAsync(Mesh mesh, string pod)
    {
        using var client = mesh.Pod(pod, Namespace).CreateClient();
        var page = await client.GetStringAsync(new Uri("http://127.0.0.1:15000/stats/prometheus"));
        return string.Join('\n', page.Split('\n').Where(line => line.StartsWith("envoy_osm_request_total{", StringComparison.Ordinal)).Select(Values));
    }

    private static string Values(string line)
    {
        var labels = line[(line.IndexOf('{', StringComparison.Ordinal) + 1)..line.IndexOf('}', StringComparison.Ordinal)].Split(',')
            .Select(label => label.Split('=')).ToDictionary(label => label[0], label => label[1].Trim('"'), StringComparer.Ordinal);
        string[] names = ["response_code", .. from end in (string[])["source", "destination"] from what in (string[])["namespace", "kind", "name", "pod"] select $"{end}_{what}"];
        return $"{string.Join(' ', names.Select(name => labels[name]))} {line[(line.LastIndexOf(' ') + 1)..]}";
    }

    private void Install()
    {
        var flagger = Checkout.Plugin("Delivery.Flagger");
        foreach (var file in (string[])["plugin.yaml", "templates/requests.scriban", "templates/requests-from-outside.scriban"])
        {
            Write($"delivery-flagger/{file}", File.ReadAllText(Path.Join(flagger, file)));
        }

        Write("policy.yaml", "plugins: {door: {grants: [accept-connections]}}");
        Write("door/schema.yaml", "type: object");
        Write("door/plugin.yaml", """
            id: door
            version: 1.0.0
            sdk: ">=0.1 <0.2"
            envoy: ">=1.36"
            failure: open
            capabilities: [accept-connections]
            resources: [{group: test.osmext.io, kind: Door, versions: [v1], schema: schema.yaml}]
            contributions: [{name: chain, point: filter-chain, direction: inbound, for: Door, template: chain.scriban}]
            """);
        Write("door/chain.scriban", """
            name: door|plain
            filter_chain_match: {destination_port: 8080, transport_protocol: raw_buffer}
            filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: door
                http_filters: [{name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]
                route_config: {virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: "test/pod-info|8080|local"}}]}]}
            """);

        void Write(string name, string text)
        {
            var file = Path.Join(_plugins, name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
    }

    private static void Prepare(ManifestFolder config)
    {
        config.Write("mesh", Manifests.MeshConfig(permissive: true), Manifests.Namespace(Namespace));
        config.Write("target", Pod("pod-info", "pod-1", Address, "app"), Service("pod-info", "10.96.6.1", "pod-info", ("pod-1", Address)));
        config.Write("client", Client("load-tester", "tester-1", "10.244.6.20"));
        config.Write("door", "{apiVersion: test.osmext.io/v1, kind: Door, metadata: {name: open, namespace: test}, spec: {}}");
    }
}
