using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>
/// The mesh most tests share. Two echo servers, one with each Envoy, behind a service of their own and one in common; a buyer (new Envoy) and an
/// old-buyer (old Envoy) who may do some things, a thief who may do nothing, and a stranger outside the mesh. Tests change it by files of their own,
/// which they delete.
/// </summary>
public sealed class Shop : IAsyncLifetime
{
    internal const string Namespace = "shop";
    internal const string MeshConfigFile = "mesh";
    internal const string V1 = "10.244.1.1";
    internal const string V2 = "10.244.1.2";

    internal static readonly string[] Buyers = ["buyer", "old-buyer"];

    private Mesh? _mesh;

    internal Mesh Mesh => _mesh ?? throw new InvalidOperationException("The mesh is not running.");

    public async Task InitializeAsync()
    {
        // Fixtures are made for skipped tests too.
        if (Requirements.SkipReason is null)
        {
            _mesh = await Mesh.StartAsync(Prepare);
        }
    }

    public async Task DisposeAsync()
    {
        if (_mesh is not null)
        {
            await _mesh.DisposeAsync();
        }
    }

    private static void Prepare(ManifestFolder config)
    {
        config.Write(MeshConfigFile, MeshConfig());
        config.Write("namespaces", Manifests.Namespace(Namespace), Manifests.Namespace("outside", meshed: false));
        config.Write("servers",
            Server(Namespace, "v1", V1, "echo"), Server(Namespace, "v2", V2, "echo", Requirements.OldEnvoy),
            Service(Namespace, "echo", "10.96.1.10", "app: echo", ("v1", V1), ("v2", V2)),
            Service(Namespace, "echo-v1", "10.96.1.1", "version: v1", ("v1", V1)),
            Service(Namespace, "echo-v2", "10.96.1.2", "version: v2", ("v2", V2)));
        config.Write("clients",
            Client(Namespace, "buyer", "10.244.1.11"), Client(Namespace, "old-buyer", "10.244.1.12", Requirements.OldEnvoy),
            Client(Namespace, "thief", "10.244.1.13"), Client("outside", "stranger", "10.244.2.1"));
        config.Write("policy", Routes,
            Target(Namespace, "v1", "v1", Buyers, HttpRule, TcpRule), Target(Namespace, "v2", "v2", Buyers, HttpRule, TcpRule));
    }

    internal const string HttpRule = "{kind: HTTPRouteGroup, name: echo}";
    internal const string TcpRule = "{kind: TCPRoute, name: echo}";

    private const string Routes = """
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: HTTPRouteGroup
        metadata: {name: echo, namespace: shop}
        spec:
          matches:
          - {name: items, pathRegex: /items/.*, methods: [GET]}
          - {name: private, pathRegex: /private, methods: [GET], headers: {x-token: "secret-.*"}}
          - {name: stream, pathRegex: /stream, methods: [POST]}
          - {name: calls, pathRegex: /shop.Echo/Say, methods: [POST]}
        ---
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: TCPRoute
        metadata: {name: echo, namespace: shop}
        spec: {matches: {ports: [9000, 9001]}}
        """;
}

/// <summary>Classes that share the mesh.</summary>
[CollectionDefinition(nameof(ShopMesh), DisableParallelization = true)]
public sealed class ShopMesh : ICollectionFixture<Shop>;
