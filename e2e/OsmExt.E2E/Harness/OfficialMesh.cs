using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>
/// A mesh with every plugin of this repository, and objects for all of them: two servers and two callers, one with each Envoy, a gateway outside
/// that comes in, a host outside that is called, and a server that judges requests.
/// </summary>
public sealed class OfficialMesh : IAsyncLifetime
{
    internal const string Api = "10.244.2.2";
    internal const string Outside = "outside";
    private const string Umpire = "10.244.2.3";
    private static readonly string[] Buyers = ["buyer", "old-buyer"];
    private readonly OfficialPlugins _plugins = new();
    private Mesh? _mesh;

    internal Mesh Mesh => _mesh ?? throw new InvalidOperationException("The mesh is not running.");

    internal OfficialPlugins Plugins => _plugins;

    public async Task InitializeAsync()
    {
        if (Requirements.SkipReason is null)
        {
            await _plugins.InstallAsync();
            _mesh = await Mesh.StartAsync(Prepare, "--plugins", _plugins.Folder);
        }
    }

    public async Task DisposeAsync()
    {
        if (_mesh is not null)
        {
            await _mesh.DisposeAsync();
        }

        _plugins.Remove();
    }

    private static void Prepare(ManifestFolder config)
    {
        config.Write("mesh", MeshConfig());
        config.Write("namespaces", Manifests.Namespace(Shop.Namespace), Manifests.Namespace(Outside, meshed: false));
        config.Write("servers", Shop.Servers);
        config.Write("clients", Client(Shop.Namespace, "buyer", "10.244.1.11"), Client(Shop.Namespace, "old-buyer", "10.244.1.12", Requirements.OldEnvoy));
        config.Write("outside", Client(Outside, "gateway", "10.244.2.1"), Server(Outside, "api", Api, "api"), Authorizer(Outside, "umpire", Umpire),
            Service(Outside, "api", "10.96.2.1", "app: api", ("api", Api)));
        config.Write("access", Shop.Routes, Target(Shop.Namespace, "v1", "v1", Buyers, Shop.HttpRule, Shop.TcpRule), Target(Shop.Namespace, "v2", "v2", Buyers, Shop.HttpRule, Shop.TcpRule));
        config.Write("ways", Way("http", "hosts: [api.outside]", 8080, "http"), Way("lines", $"ipAddresses: [{Api}/32]", 9000, "tcp"), Way("v1", 8080), Way("v2", 8080));
        config.Write("objects", """
            apiVersion: transform.osmext.io/v1alpha1
            kind: HeaderTransform
            metadata: {name: everywhere, namespace: shop}
            spec: {response: {set: [{name: x-plugin, value: begin}]}}
            ---
            apiVersion: script.osmext.io/v1alpha1
            kind: LuaScript
            metadata: {name: everywhere, namespace: shop}
            spec: {code: "function envoy_on_request(handle) handle:headers():add('x-script', 'begin') end"}
            ---
            apiVersion: limit.osmext.io/v1alpha1
            kind: RequestLimit
            metadata: {name: everywhere, namespace: shop}
            spec: {requests: 100000}
            ---
            apiVersion: patch.osmext.io/v1alpha1
            kind: EnvoyPatch
            metadata: {name: everywhere, namespace: shop}
            spec:
              resource: Listener
              name: inbound-listener
              set: [{path: "filter_chains[*].filters[name=envoy.filters.network.http_connection_manager].typed_config.server_name", text: patched}]
            ---
            apiVersion: telemetry.osmext.io/v1alpha1
            kind: Telemetry
            metadata: {name: everywhere, namespace: shop}
            spec: {accessLog: {percent: 1}}
            ---
            apiVersion: statistics.osmext.io/v1alpha1
            kind: StatisticsTag
            metadata: {name: everywhere, namespace: shop}
            spec: {tag: team, value: shop}
            """, Routed("v1"), Routed("v2"), """
            apiVersion: statistics.osmext.io/v1alpha1
            kind: ProxyStatistics
            metadata: {name: everywhere, namespace: shop}
            spec: {histograms: [{suffix: never_there, buckets: [1, 2]}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: partner, namespace: shop}
            spec: {clusterIP: 10.96.3.1, selector: {app: partner}, ports: [{name: http, port: 8080}]}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: partner, namespace: shop}
            stringData: {token: end-to-end}
            ---
            apiVersion: external.osmext.io/v1alpha1
            kind: ExternalBackend
            metadata: {name: partner, namespace: shop}
            spec: {targetRef: {kind: Service, name: partner}, host: 127.0.0.1, port: 9, credential: {secret: partner}}
            """, Judged("v1"), Judged("v2"));
    }

    private static string Routed(string version) => $$"""
        apiVersion: routing.osmext.io/v1alpha1
        kind: ServiceRoutes
        metadata: {name: {{version}}, namespace: shop}
        spec: {targetRef: {kind: Service, name: echo-{{version}}}, routes: [{pathPrefix: /items, responseHeaders: [{name: x-routed, value: begin}]}]}
        """;

    private static string Judged(string version) => $$"""
        apiVersion: auth.osmext.io/v1alpha1
        kind: ExternalAuthorization
        metadata: {name: {{version}}, namespace: shop}
        spec: {targetRef: {kind: Service, name: echo-{{version}}}, backend: {host: {{Umpire}}, port: 9191}, timeout: 5s}
        """;

    private static string Way(string name, string what, int port, string protocol) => $$"""
        apiVersion: policy.openservicemesh.io/v1alpha1
        kind: Egress
        metadata: {name: {{name}}, namespace: shop}
        spec:
          sources: [{{string.Join(", ", Buyers.Select(buyer => $$"""{kind: ServiceAccount, name: {{buyer}}, namespace: shop}"""))}}]
          {{what}}
          ports: [{number: {{port}}, protocol: {{protocol}}}]
        """;

    private static string Way(string version, int port) => $$"""
        apiVersion: policy.openservicemesh.io/v1alpha1
        kind: IngressBackend
        metadata: {name: {{version}}, namespace: shop}
        spec:
          backends: [{name: echo-{{version}}, port: {number: {{port}}, protocol: http} }]
          sources: [{kind: IPRange, name: 10.244.2.1/32}]
        """;
}
