using System.Text.Json.Nodes;
using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E.Telemetry;

/// <summary>
/// Two servers and two callers, one with each Envoy, and a collector outside the mesh. Everywhere lines go to standard output and to the collector, and
/// spans as the MeshConfig says; what reaches the older server is logged as text, and traced in OTLP.
/// </summary>
public sealed class TelemetryMesh : IAsyncLifetime
{
    internal const string Collector = "10.244.5.9";
    private Mesh? _mesh;

    internal Mesh Mesh => _mesh ?? throw new InvalidOperationException("The mesh is not running.");

    public async Task InitializeAsync()
    {
        if (Requirements.SkipReason is null)
        {
            var plugin = Checkout.Plugin("Telemetry");
            _mesh = await Mesh.StartAsync(Prepare, "--plugins", plugin, "--plugin-policy", Path.Join(plugin, "test", "policy.yaml"));
        }
    }

    public async Task DisposeAsync()
    {
        if (_mesh is not null)
        {
            await _mesh.DisposeAsync();
        }
    }

    /// <summary>What a sidecar has written to its standard output.</summary>
    internal IEnumerable<string> Lines(string pod) => Mesh.Log($"{Shop.Namespace}.{pod}/envoy.out.log").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The lines in JSON about requests with a path.</summary>
    internal IEnumerable<JsonNode> Logged(string pod, string path)
        => Lines(pod).Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!).Where(line => (string?)line["path"] == path);

    /// <summary>What the collector was sent on a path.</summary>
    internal async Task<IReadOnlyList<string>> ReceivedAsync(string path)
    {
        using var client = Mesh.Node.CreateClient();
        var entries = JsonNode.Parse(await client.GetStringAsync(new Uri($"http://{Collector}:9411/received")))!.AsArray();
        return [.. entries.Where(entry => (string?)entry!["path"] == path).Select(entry => (string)entry!["text"]!)];
    }

    private static void Prepare(ManifestFolder config)
    {
        config.Write("mesh", $$"""
            apiVersion: config.openservicemesh.io/v1alpha2
            kind: MeshConfig
            metadata: {name: osm-mesh-config, namespace: osm-system}
            spec:
              traffic: {enablePermissiveTrafficPolicyMode: true, enableEgress: false}
              observability: {tracing: {enable: true, address: {{Collector}} } }
            """);
        config.Write("namespaces", Manifests.Namespace(Shop.Namespace), Manifests.Namespace("outside", meshed: false));
        config.Write("servers", Shop.Servers);
        config.Write("clients", Client(Shop.Namespace, "buyer", "10.244.1.11"), Client(Shop.Namespace, "old-buyer", "10.244.1.12", Requirements.OldEnvoy));
        config.Write("collector", Server("outside", "collector", Collector, "collector").Replace("test/echo", "test/collector", StringComparison.Ordinal));
        config.Write("telemetry", $$"""
            apiVersion: telemetry.osmext.io/v1alpha1
            kind: Telemetry
            metadata: {name: everywhere, namespace: osm-system}
            spec: {accessLog: {otlp: {host: {{Collector}} } } }
            ---
            apiVersion: telemetry.osmext.io/v1alpha1
            kind: Telemetry
            metadata: {name: echo-v2, namespace: shop}
            spec:
              targetRef: {kind: Service, name: echo-v2}
              accessLog: {text: "reached %REQ(:METHOD)% %REQ_WITHOUT_QUERY(:PATH)% %RESPONSE_CODE%"}
              tracing: {protocol: otlp, host: {{Collector}}, tags: {team: orders} }
            """);
    }
}

/// <summary>Classes that share the mesh.</summary>
[CollectionDefinition(nameof(TelemetryCollection))]
public sealed class TelemetryCollection : ICollectionFixture<TelemetryMesh>;
