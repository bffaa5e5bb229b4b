using OsmExt.ControlPlane.Tests.Running;

namespace OsmExt.DataPlane.Tests.Churn;

/// <summary>Changes of every kind to a small mesh, none of which takes from its clients what they may do. A seed gives the same ones again.</summary>
internal sealed class Changes(MeshDirectory mesh, int seed)
{
    private const int Kinds = 5;
    private readonly Random _random = new(seed);
    private readonly Queue<int> _next = [];
    private int _configs;

    /// <summary>How many of each kind there were.</summary>
    public Dictionary<string, int> Made { get; } = new(StringComparer.Ordinal);

    public bool AreOfAllKinds => Made.Count == Kinds;

    public static string Base => string.Join("\n---\n",
        Shop.Pod("buyer", "buyer", 1), Shop.Pod("store-1", "store", 3), Shop.Pod("store-2", "store", 4), Shop.Pod("till", "till", 5),
        Shop.Service("store", "10.96.0.1", "http-web", 80), OfStore("api", "10.96.0.3", "grpc-api", 81), Shop.Service("till", "10.96.0.2", "tcp-till", 9000),
        OfStore("store-a", "10.96.0.4", "http-web", 80), OfStore("store-b", "10.96.0.5", "http-web", 80));

    public static string Endpoints(string service, string port, int number, params (string Pod, int Address)[] endpoints) => $$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: {{service}}-1, namespace: shop, labels: {kubernetes.io/service-name: "{{service}}"} }
        addressType: IPv4
        ports: [{name: {{port}}, port: {{number}}}]
        endpoints: [{{string.Join(", ", endpoints.Select(at => $$"""{addresses: [10.0.0.{{at.Address}}], conditions: {ready: true}, targetRef: {kind: Pod, namespace: shop, name: {{at.Pod}} } }"""))}}]
        """;

    public static string Policy(string more) => $$"""
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: HTTPRouteGroup
        metadata: {name: routes, namespace: shop}
        spec: {matches: [{name: all, pathRegex: "/(books|call{{more}}).*", methods: [GET, POST]}]}
        ---
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: TCPRoute
        metadata: {name: till, namespace: shop}
        spec: {matches: {ports: [9000]} }
        ---
        apiVersion: access.smi-spec.io/v1alpha3
        kind: TrafficTarget
        metadata: {name: store, namespace: shop}
        spec:
          destination: {kind: ServiceAccount, name: store, namespace: shop}
          rules: [{kind: HTTPRouteGroup, name: routes}]
          sources: [{kind: ServiceAccount, name: buyer, namespace: shop}]
        ---
        apiVersion: access.smi-spec.io/v1alpha3
        kind: TrafficTarget
        metadata: {name: till, namespace: shop}
        spec:
          destination: {kind: ServiceAccount, name: till, namespace: shop}
          rules: [{kind: TCPRoute, name: till}]
          sources: [{kind: ServiceAccount, name: buyer, namespace: shop}]
        """;

    public void MakeOne()
    {
        if (_next.Count == 0)
        {
            int[] kinds = [.. Enumerable.Range(0, Kinds)];
            _random.Shuffle(kinds);
            Array.ForEach(kinds, _next.Enqueue);
        }

        var number = _random.Next(1, 1000);
        var (kind, file, text) = _next.Dequeue() switch
        {
            0 => ("routes", "policy.yaml", Policy($"|more{number}")),
            1 => ("split", "split.yaml", Split(number % 5, 1 + (number % 3))),
            2 => ("endpoints", "endpoints-store.yaml", Endpoints("store", "http-web", 8080, number % 2 == 0 ? [("store-1", 3)] : [("store-1", 3), ("store-2", 4)])),
            3 => ("time limits", "timeouts.yaml", Shop.RequestTimeout("store", $"{30 + number}s")),
            _ => ("listeners and certificates", "00-mesh.yaml", Config(++_configs, number)),
        };
        Made[kind] = Made.GetValueOrDefault(kind) + 1;
        mesh.Write(file, text);
    }

    // Whoever takes other versions of TLS is another filter chain, and another cluster.
    private static string Config(int turn, int number) => Shop.Config(validity: $"{20 + (turn % 4)}h", keyBits: number % 3 == 0 ? 3072 : 2048)
        .Replace("spec:\n  traffic:", $"spec:\n  sidecar: {{tlsMinProtocolVersion: {(turn % 2 == 0 ? "TLSv1_2" : "TLSv1_3")}}}\n  traffic:", StringComparison.Ordinal);

    // Another service of the store's pods.
    private static string OfStore(string name, string address, string port, int number)
        => Shop.Service(name, address, port, number).Replace($"selector: {{app: {name}}}", "selector: {app: store}", StringComparison.Ordinal);

    private static string Split(int first, int second) => $$"""
        apiVersion: split.smi-spec.io/v1alpha2
        kind: TrafficSplit
        metadata: {name: store, namespace: shop}
        spec:
          service: store.shop
          backends: [{service: store-a, weight: {{first}}}, {service: store-b, weight: {{second}} }]
        """;
}
