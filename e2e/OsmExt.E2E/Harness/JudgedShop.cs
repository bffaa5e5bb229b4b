using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>
/// Two echo servers, one with each Envoy, behind services that differ in how requests to them are judged: <c>asked</c>, <c>open</c>,
/// <c>down</c>, <c>gone</c>, <c>typo</c>, <c>shadow</c>, <c>free</c> and <c>plain</c>, each with <c>-v1</c> and <c>-v2</c>.
/// </summary>
public sealed class JudgedShop : IAsyncLifetime
{
    /// <summary>The authorization server outside the mesh.</summary>
    internal const string Outside = "10.244.2.1";

    private static readonly PluginSource Plugin = new("OsmExt.Plugin.ExternalAuth");
    private readonly string _plugins = Directory.CreateTempSubdirectory("osm-e2e-plugins-").FullName;
    private Mesh? _mesh;

    internal Mesh Mesh => _mesh ?? throw new InvalidOperationException("The mesh is not running.");

    public async Task InitializeAsync()
    {
        if (Requirements.SkipReason is null)
        {
            Install();
            _mesh = await Mesh.StartAsync(Prepare, ["--plugins", _plugins, .. Plugin.PolicyOption]);
        }
    }

    public async Task DisposeAsync()
    {
        if (_mesh is not null)
        {
            await _mesh.DisposeAsync();
        }

        Directory.Delete(_plugins, recursive: true);
    }

    internal void Install() => Plugin.InstallInto(_plugins);

    internal void Remove() => Directory.Delete(Path.Join(_plugins, Plugin.Name), recursive: true);

    /// <summary>Has everything judged by a server at that address; by nobody when it is null.</summary>
    internal void WriteMeshConfig(string? server) => WriteMeshConfig(Mesh.Config, server);

    private static void WriteMeshConfig(ManifestFolder config, string? server) => config.Write("mesh", $$"""
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshConfig
        metadata: {name: osm-mesh-config, namespace: osm-system}
        spec:
          traffic:
            enablePermissiveTrafficPolicyMode: false
            {{(server is null ? "" : $"inboundExternalAuthorization: {{enable: true, address: {server}, port: 9191, timeout: 500ms}}")}}
          certificate: {serviceCertValidityDuration: 24h}
        """);

    private static void Prepare(ManifestFolder config)
    {
        WriteMeshConfig(config, null);
        config.Write("namespaces", Manifests.Namespace("shop"), Manifests.Namespace("outside", meshed: false));
        config.Write("pods",
            Server("shop", "v1", "10.244.1.1", "echo"), Server("shop", "v2", "10.244.1.2", "echo", Requirements.OldEnvoy), Client("shop", "buyer", "10.244.1.11"),
            Authorizer("shop", "judge", "10.244.1.21"), Authorizer("outside", "umpire", Outside));
        config.Write("services",
            [.. Services("asked", 10), .. Services("open", 20), .. Services("down", 30), .. Services("gone", 40), .. Services("typo", 50), .. Services("shadow", 60),
                .. Services("free", 70), .. Services("plain", 80), Judge]);
        config.Write("access", Any,
            Target("shop", "v1", "v1", ["buyer"], AnyRule), Target("shop", "v2", "v2", ["buyer"], AnyRule), Target("shop", "judge", "judge", ["v1", "v2"], AnyRule));
        config.Write("judged",
            [.. Judged("asked", "backend: {service: {name: judge, port: 9191}}, timeout: 500ms, context: {realm: shop}, body: {maxBytes: 20, partial: true}"),
                .. Judged("open", $"backend: {{host: {Outside}, port: 9191}}, failureMode: open"),
                .. Judged("down", "backend: {host: 10.244.9.9, port: 9191}, timeout: 300ms"), .. Judged("gone", "backend: {host: 10.244.9.9, port: 9191}, timeout: 300ms, failureMode: open"),
                .. Judged("typo", "backend: {service: {name: jugde, port: 9191}}, failureMode: open"), .. Judged("shadow", "backend: {service: {name: judge, port: 9191}}, shadow: true"),
                .. Judged("free", "disabled: true"),
                // The server would judge itself, were it not left out of it.
                """
                apiVersion: auth.osmext.io/v1alpha1
                kind: ExternalAuthorization
                metadata: {name: judge, namespace: shop}
                spec: {targetRef: {kind: ServiceAccount, name: judge}, backend: {service: {name: judge, port: 9191}}}
                """]);
    }

    private static IEnumerable<string> Services(string name, int address) =>
    [
        Service("shop", $"{name}-v1", $"10.96.1.{address + 1}", "version: v1", ("v1", "10.244.1.1")),
        Service("shop", $"{name}-v2", $"10.96.1.{address + 2}", "version: v2", ("v2", "10.244.1.2")),
    ];

    private static IEnumerable<string> Judged(string name, string spec) => ((string[])["v1", "v2"]).Select(version => $$"""
        apiVersion: auth.osmext.io/v1alpha1
        kind: ExternalAuthorization
        metadata: {name: {{name}}-{{version}}, namespace: shop}
        spec: {targetRef: {kind: Service, name: {{name}}-{{version}}}, {{spec}}}
        """);

    private const string AnyRule = "{kind: HTTPRouteGroup, name: any, matches: [any]}";

    private const string Any = """
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: HTTPRouteGroup
        metadata: {name: any, namespace: shop}
        spec: {matches: [{name: any, pathRegex: ".*", methods: ["*"]}]}
        """;

    private const string Judge = """
        apiVersion: v1
        kind: Service
        metadata: {name: judge, namespace: shop}
        spec: {clusterIP: 10.96.1.200, selector: {app: judge}, ports: [{name: grpc, port: 9191}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: judge-1, namespace: shop, labels: {kubernetes.io/service-name: judge}}
        addressType: IPv4
        ports: [{name: grpc, port: 9191}]
        endpoints: [{addresses: [10.244.1.21], conditions: {ready: true}, targetRef: {kind: Pod, namespace: shop, name: judge}}]
        """;
}
