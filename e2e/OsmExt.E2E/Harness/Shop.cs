using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>
/// The mesh most tests share. Two echo servers, one with each Envoy, behind a service of their own and one in common. A buyer (new Envoy) and
/// an old-buyer (old Envoy) may do some things. A guest may speak on port 9000: its sidecar knows the servers, so theirs must refuse the rest.
/// A thief may do nothing, and a stranger is outside the mesh. Tests change it by files of their own, which they delete.
/// </summary>
public sealed class Shop : IAsyncLifetime
{
    internal const string Namespace = "shop";
    internal const string MeshConfigFile = "mesh";
    internal const string V1 = "10.244.1.1";
    internal const string V2 = "10.244.1.2";

    /// <summary>The rate limit service, outside the mesh: of each thing described by one of these keys it lets so many through.</summary>
    internal const string LimitsService = "10.244.2.9";
    internal const int Limit = 3;
    internal static readonly string[] Counted = ["generic_key", "user", "client", "remote_address", "route", "connection"];

    internal static readonly string[] Buyers = ["buyer", "old-buyer"];

    internal static readonly string[] Meshed = ["v1", "v2", .. Buyers, "guest", "thief"];

    private Mesh? _mesh;

    internal Mesh Mesh => _mesh ?? throw new InvalidOperationException("The mesh is not running.");

    public async Task InitializeAsync()
    {
        // Fixtures are made for skipped tests too.
        if (Requirements.SkipReason is null)
        {
            _mesh = await Mesh.StartAsync(Prepare, "--plugins", Checkout.Plugin("Delivery.Flagger"));
        }
    }

    public async Task DisposeAsync()
    {
        if (_mesh is not null)
        {
            await _mesh.DisposeAsync();
        }
    }

    /// <summary>Two echo servers, one with each Envoy, each behind a service of its own.</summary>
    internal static string[] Servers =>
    [
        Server(Namespace, "v1", V1, "echo"), Server(Namespace, "v2", V2, "echo", Requirements.OldEnvoy),
        Service(Namespace, "echo-v1", "10.96.1.1", "version: v1", ("v1", V1)), Service(Namespace, "echo-v2", "10.96.1.2", "version: v2", ("v2", V2)),
    ];

    /// <summary>A mesh of the two servers, and a buyer who may ask both for items.</summary>
    internal static void PrepareBuyer(ManifestFolder config)
    {
        config.Write(MeshConfigFile, MeshConfig());
        config.Write("namespaces", Manifests.Namespace(Namespace));
        config.Write("servers", Servers);
        config.Write("clients", Client(Namespace, "buyer", "10.244.1.11"));
        config.Write("policy", Routes, Target(Namespace, "v1", "v1", ["buyer"], HttpRule), Target(Namespace, "v2", "v2", ["buyer"], HttpRule));
    }

    private static void Prepare(ManifestFolder config)
    {
        config.Write(MeshConfigFile, MeshConfig());
        config.Write("namespaces", Manifests.Namespace(Namespace), Manifests.Namespace("outside", meshed: false));
        config.Write("servers", [.. Servers, Service(Namespace, "echo", "10.96.1.10", "app: echo", ("v1", V1), ("v2", V2))]);
        config.Write("clients",
            Client(Namespace, "buyer", "10.244.1.11"), Client(Namespace, "old-buyer", "10.244.1.12", Requirements.OldEnvoy),
            Client(Namespace, "guest", "10.244.1.13"), Client(Namespace, "thief", "10.244.1.14"), Client("outside", "stranger", "10.244.2.1"));
        config.Write("limits-service", Program("outside", "limits", LimitsService, "ratelimit", "-limits", $"{string.Join(',', Counted.Select(key => $"{key}={Limit}"))}"));
        config.Write("policy", Routes,
            Target(Namespace, "v1", "v1", Buyers, HttpRule, TcpRule), Target(Namespace, "v2", "v2", Buyers, HttpRule, TcpRule),
            Target(Namespace, "v1-guest", "v1", ["guest"], GuestRule), Target(Namespace, "v2-guest", "v2", ["guest"], GuestRule));
    }

    internal const string HttpRule = "{kind: HTTPRouteGroup, name: echo}";
    internal const string TcpRule = "{kind: TCPRoute, name: echo}";

    internal const string GuestRule = "{kind: TCPRoute, name: line}";

    internal const string Routes = """
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: HTTPRouteGroup
        metadata: {name: echo, namespace: shop}
        spec:
          matches:
          - {name: items, pathRegex: /items/.*, methods: [GET]}
          - {name: private, pathRegex: /private, methods: [GET], headers: {x-token: "secret-.*"}}
          - {name: calls, pathRegex: /shop.Echo/Say, methods: [POST]}
        ---
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: TCPRoute
        metadata: {name: echo, namespace: shop}
        spec: {matches: {ports: [9000, 9001]}}
        ---
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: TCPRoute
        metadata: {name: line, namespace: shop}
        spec: {matches: {ports: [9000]}}
        """;
}

/// <summary>Classes that share the mesh; some measure how soon a change is in force.</summary>
[CollectionDefinition(nameof(ShopMesh), DisableParallelization = true)]
public sealed class ShopMesh : ICollectionFixture<Shop>;
