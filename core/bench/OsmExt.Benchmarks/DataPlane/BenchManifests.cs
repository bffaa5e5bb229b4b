using System.Globalization;

namespace OsmExt.Benchmarks.DataPlane;

/// <summary>The objects of a mesh to measure sidecars in.</summary>
internal static class BenchManifests
{
    public const string Namespace = "bench";

    private static readonly string Program = Environment.ProcessPath ?? throw new InvalidOperationException("This process does not know its own program.");

    /// <summary>A permissive mesh: a client and a server for each data plane, and as many other services as make up the number.</summary>
    /// <param name="services">How many in all.</param>
    /// <param name="planes">Each with the Envoy of its pods; empty for what the mesh has otherwise.</param>
    public static string Mesh(int services, IReadOnlyList<(string Plane, string Sidecar)> planes) => string.Join("\n---\n",
    [
        """
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshConfig
        metadata: {name: osm-mesh-config, namespace: osm-system}
        spec: {traffic: {enablePermissiveTrafficPolicyMode: true}}
        """,
        $$"""
        apiVersion: v1
        kind: Namespace
        metadata: {name: {{Namespace}}, labels: {openservicemesh.io/monitored-by: osm} }
        """,
        .. planes.SelectMany(plane => (string[])
        [
            Pod($"{plane.Plane}-client", "command: [sleep, infinity]", plane.Sidecar),
            Pod($"{plane.Plane}-server", $"command: [\"{Program}\", data-plane-echo], env: [{{name: DOTNET_gcServer, value: \"0\"}}]", plane.Sidecar),
            Service($"{plane.Plane}-server"),
        ]),
        .. Enumerable.Range(0, Math.Max(0, services - planes.Count)).Select(index => string.Create(CultureInfo.InvariantCulture, $"other-{index}"))
            .SelectMany(name => (string[])[Pod(name, "image: nothing-to-run", ""), Service(name)]),
    ]);

    /// <summary>A pod's address, the same in every mesh: those of clients and servers are first.</summary>
    public static string AddressOf(string pod) => $"10.244.{Place(pod)}";

    private static string Pod(string name, string container, string sidecar) => $$"""
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: {{name}}, namespace: {{Namespace}}}
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{name}}
          namespace: {{Namespace}}
          labels: {app: {{name}}}
          annotations:
            openservicemesh.io/outbound-port-exclusion-list: "{{EchoPorts.Direct}}"
            openservicemesh.io/inbound-port-exclusion-list: "{{EchoPorts.Direct}}"
            {{(sidecar.Length > 0 ? $"osm.local/envoy: \"{sidecar}\"" : "")}}
        spec: {serviceAccountName: {{name}}, containers: [{name: app, {{container}}}]}
        status: {podIP: {{AddressOf(name)}}}
        """;

    private static string Service(string name) => $$"""
        apiVersion: v1
        kind: Service
        metadata: {name: {{name}}, namespace: {{Namespace}}}
        spec:
          clusterIP: 10.96.{{Place(name)}}
          selector: {app: {{name}}}
          ports: [{name: http-web, port: {{EchoPorts.Http1}}}, {name: grpc-api, port: {{EchoPorts.Http2}}}, {name: tcp-line, port: {{EchoPorts.Tcp}}}]
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: {{name}}-1, namespace: {{Namespace}}, labels: {kubernetes.io/service-name: {{name}} } }
        addressType: IPv4
        ports: [{name: http-web, port: {{EchoPorts.Http1}}}, {name: grpc-api, port: {{EchoPorts.Http2}}}, {name: tcp-line, port: {{EchoPorts.Tcp}}}]
        endpoints: [{addresses: [{{AddressOf(name)}}], conditions: {ready: true}, targetRef: {kind: Pod, namespace: {{Namespace}}, name: {{name}} } }]
        """;

    private static string Place(string name) => name switch
    {
        "envoy-client" => "0.1",
        "envoy-server" => "0.2",
        "embedded-client" => "0.3",
        "embedded-server" => "0.4",
        _ => PlaceOf(int.Parse(name["other-".Length..], CultureInfo.InvariantCulture)),
    };

    private static string PlaceOf(int index) => string.Create(CultureInfo.InvariantCulture, $"{1 + (index / 250)}.{1 + (index % 250)}");
}
