namespace OsmExt.Testing.Hosting.Tests;

/// <summary>A small mesh as its team would write it: nothing of what a cluster adds is in it.</summary>
internal static class Shop
{
    public const string Mesh = """
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshConfig
        metadata: {name: osm-mesh-config, namespace: osm-system}
        spec: {traffic: {enablePermissiveTrafficPolicyMode: false}, certificate: {serviceCertValidityDuration: 24h}}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {openservicemesh.io/monitored-by: osm}}
        """;

    public const string Access = """
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: HTTPRouteGroup
        metadata: {name: books, namespace: shop}
        spec: {matches: [{name: read, pathRegex: /books.*, methods: [GET]}]}
        ---
        apiVersion: access.smi-spec.io/v1alpha3
        kind: TrafficTarget
        metadata: {name: store, namespace: shop}
        spec:
          destination: {kind: ServiceAccount, name: store, namespace: shop}
          rules: [{kind: HTTPRouteGroup, name: books, matches: [read]}]
          sources: [{kind: ServiceAccount, name: web, namespace: shop}]
        """;

    /// <summary>Everybody may call everybody.</summary>
    public const string Permissive = """
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshConfig
        metadata: {name: osm-mesh-config, namespace: osm-system}
        spec: {traffic: {enablePermissiveTrafficPolicyMode: true}, certificate: {serviceCertValidityDuration: 24h}}
        """;

    /// <summary>A pod and its service, which are called the same.</summary>
    public static string Workload(string name, string port = "port: 80, targetPort: 8080", int container = 8080) => $$$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{{name}}}, namespace: shop, labels: {app: {{{name}}}}}
        spec: {serviceAccountName: {{{name}}}, containers: [{name: app, image: app, ports: [{containerPort: {{{container}}}}]}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: {{{name}}}, namespace: shop}
        spec: {selector: {app: {{{name}}}}, ports: [{name: http, {{{port}}}}]}
        """;

    /// <summary>A mesh in which web may read books of the store.</summary>
    public static Task<MeshHost> StartAsync(params string[] more) => StartOnAsync(DataPlanes.Embedded, more);

    /// <summary>The same with sidecars of a data plane.</summary>
    public static Task<MeshHost> StartOnAsync(string plane, params string[] more)
        => MeshHost.StartAsync(DataPlanes.On(plane, [Mesh, Workload("web"), Workload("store"), Workload("thief"), Access, .. more]));
}
