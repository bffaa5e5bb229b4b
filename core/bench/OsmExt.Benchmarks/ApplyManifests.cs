using System.Globalization;

namespace OsmExt.Benchmarks;

/// <summary>Two servers and two clients, so small that what is measured is the way of a change and not the size of a mesh.</summary>
internal static class ApplyManifests
{
    public static string Text => string.Join("\n---\n",
    [
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {openservicemesh.io/monitored-by: osm}}",
        """
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshConfig
        metadata: {name: osm-mesh-config, namespace: osm-system}
        spec: {traffic: {enablePermissiveTrafficPolicyMode: false}}
        """,
        Pod("v1", 1, "more: \"yes\"", "image: test/echo"), Pod("v2", 2, "role: server", "image: test/echo"),
        Pod("buyer", 3, "role: client", "command: [sleep, infinity]"), Pod("thief", 4, "role: client", "command: [sleep, infinity]"),
        Service("echo", "app: server", 10), Service("echo-v1", "version: v1", 11), Service("echo-v2", "version: v2", 12), Service("more", "more: \"yes\"", 13),
        """
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: HTTPRouteGroup
        metadata: {name: items, namespace: shop}
        spec: {matches: [{name: items, pathRegex: /items/.*, methods: [GET]}]}
        """,
        """
        apiVersion: split.smi-spec.io/v1alpha4
        kind: TrafficSplit
        metadata: {name: echo, namespace: shop}
        spec: {service: echo.shop, backends: [{service: echo-v1, weight: 0}, {service: echo-v2, weight: 100}]}
        """,
        Target("v1"), Target("v2"),
    ]);

    private static string Pod(string name, int number, string label, string container) => string.Create(CultureInfo.InvariantCulture, $$"""
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: {{name}}, namespace: shop}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: {{name}}, namespace: shop, labels: {app: {{(number < 3 ? "server" : "client")}}, version: {{name}}, {{label}} } }
        spec: {serviceAccountName: {{name}}, containers: [{name: app, {{container}} }]}
        status: {podIP: 10.244.1.{{number}} }
        """);

    private static string Service(string name, string selector, int number) => string.Create(CultureInfo.InvariantCulture, $$"""
        apiVersion: v1
        kind: Service
        metadata: {name: {{name}}, namespace: shop}
        spec: {clusterIP: 10.96.1.{{number}}, selector: { {{selector}} }, ports: [{name: http, port: 8080}]}
        """);

    private static string Target(string to) => $$"""
        apiVersion: access.smi-spec.io/v1alpha3
        kind: TrafficTarget
        metadata: {name: {{to}}, namespace: shop}
        spec:
          destination: {kind: ServiceAccount, name: {{to}}, namespace: shop}
          sources: [{kind: ServiceAccount, name: buyer, namespace: shop}]
          rules: [{kind: HTTPRouteGroup, name: items}]
        """;
}
