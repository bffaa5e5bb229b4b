namespace OsmExt.E2E;

/// <summary>Kubernetes objects as text, as far as the tests need them.</summary>
internal static class Manifests
{
    public static string MeshConfig(bool permissive = false, string validity = "24h", int keyBits = 2048) => $$"""
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshConfig
        metadata: {name: osm-mesh-config, namespace: osm-system}
        spec:
          traffic: {enablePermissiveTrafficPolicyMode: {{(permissive ? "true" : "false")}}, enableEgress: false}
          certificate: {serviceCertValidityDuration: {{validity}}, certKeyBitSize: {{keyBits}} }
          featureFlags: {enableWASMStats: true}
        """;

    public static string Namespace(string name, bool meshed = true) => $$"""
        apiVersion: v1
        kind: Namespace
        metadata: {name: {{name}}, labels: { {{(meshed ? "openservicemesh.io/monitored-by: osm" : "kind: outside")}} } }
        """;

    /// <summary>A pod of the echo program: ports 8080 (HTTP/1.1), 8081 (HTTP/2), 9000 and 9001 (lines). Its service account has its name.</summary>
    public static string Server(string ns, string name, string address, string app, string envoy = "")
        => Pod(ns, name, address, app, envoy, "image: test/echo");

    /// <summary>A pod of the program that judges requests for proxies, at port 9191.</summary>
    public static string Authorizer(string ns, string name, string address) => Pod(ns, name, address, name, "", "image: test/authorizer");

    /// <summary>A pod whose application is the test itself, by way of the pod's network.</summary>
    public static string Client(string ns, string name, string address, string envoy = "")
        => Pod(ns, name, address, name, envoy, "command: [sleep, infinity]");

    /// <summary>A pod of another of the programs.</summary>
    public static string Program(string ns, string name, string address, string image, params string[] arguments)
        => Pod(ns, name, address, name, "", $"image: test/{image}, args: [{string.Join(", ", arguments.Select(argument => $"\"{argument}\""))}]");

    /// <summary>A service of echo pods, with a port for each of their protocols.</summary>
    public static string Service(
        string ns, string name, string clusterAddress, string selector, params (string Pod, string Address)[] endpoints) => $$"""
        apiVersion: v1
        kind: Service
        metadata: {name: {{name}}, namespace: {{ns}}}
        spec:
          clusterIP: {{clusterAddress}}
          selector: { {{selector}} }
          ports:
          - {name: http-web, port: 8080}
          - {name: grpc-api, port: 8081}
          - {name: tcp-line, port: 9000}
          - {name: tcp-server-first-hello, port: 9001}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: {{name}}-1, namespace: {{ns}}, labels: {kubernetes.io/service-name: {{name}} } }
        addressType: IPv4
        ports: [{name: http-web, port: 8080}, {name: grpc-api, port: 8081}, {name: tcp-line, port: 9000}, {name: tcp-server-first-hello, port: 9001}]
        endpoints: [{{string.Join(", ", endpoints.Select(endpoint => Endpoint(ns, endpoint.Pod, endpoint.Address)))}}]
        """;

    /// <summary>Lets service accounts of the same namespace reach one another.</summary>
    /// <param name="ns">The namespace of all of them.</param>
    /// <param name="name">Name of the TrafficTarget.</param>
    /// <param name="to">The service account that is reached.</param>
    /// <param name="from">Those that may.</param>
    /// <param name="rules">Entries of <c>rules</c>, in flow style.</param>
    public static string Target(string ns, string name, string to, string[] from, params string[] rules) => $$"""
        apiVersion: access.smi-spec.io/v1alpha3
        kind: TrafficTarget
        metadata: {name: {{name}}, namespace: {{ns}}}
        spec:
          destination: {kind: ServiceAccount, name: {{to}}, namespace: {{ns}}}
          sources: [{{string.Join(", ", from.Select(source => $$"""{kind: ServiceAccount, name: {{source}}, namespace: {{ns}}}"""))}}]
          rules: [{{string.Join(", ", rules)}}]
        """;

    public static string Split(string ns, string service, params (string Service, int Weight)[] backends) => $$"""
        apiVersion: split.smi-spec.io/v1alpha2
        kind: TrafficSplit
        metadata: {name: {{service}}, namespace: {{ns}}}
        spec:
          service: {{service}}.{{ns}}
          backends: [{{string.Join(", ", backends.Select(backend => $$"""{service: {{backend.Service}}, weight: {{backend.Weight}}}"""))}}]
        """;

    private static string Endpoint(string ns, string pod, string address)
        => $$"""{addresses: [{{address}}], conditions: {ready: true}, targetRef: {kind: Pod, namespace: {{ns}}, name: {{pod}} } }""";

    private static string Pod(string ns, string name, string address, string app, string envoy, string container) => $$"""
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: {{name}}, namespace: {{ns}}}
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{name}}
          namespace: {{ns}}
          labels: {app: {{app}}, version: {{name}}}
          annotations: { {{(envoy.Length > 0 ? $"osm.local/envoy: \"{envoy}\"" : "")}} }
        spec:
          serviceAccountName: {{name}}
          containers: [{name: app, {{container}}}]
        status: {podIP: {{address}}}
        """;
}
