namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>A small mesh as manifests: a buyer may call a store of two pods, a thief may not, and a till speaks TCP.</summary>
internal static class Shop
{
    public const string Buyer = "shop/buyer";
    public const string Store1 = "shop/store-1";
    public const string Store2 = "shop/store-2";
    public const string Thief = "shop/thief";

    public static string Config(bool metrics = false, string validity = "24h", int keyBits = 2048) => $$"""
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshConfig
        metadata: {name: osm-mesh-config, namespace: osm-system}
        spec:
          traffic: {enablePermissiveTrafficPolicyMode: false}
          certificate: {serviceCertValidityDuration: {{validity}}, certKeyBitSize: {{keyBits}} }
          featureFlags: {enableWASMStats: {{(metrics ? "true" : "false")}} }
        ---
        apiVersion: v1
        kind: Namespace
        metadata:
          name: shop
          labels: {openservicemesh.io/monitored-by: osm}
        """;

    public static string Workloads => string.Join("\n---\n",
        Pod("buyer", "buyer", 1), Pod("thief", "thief", 2), Pod("store-1", "store", 3), Pod("store-2", "store", 4), Pod("till", "till", 5),
        Service("store", "10.96.0.1", "http-web", 80), Service("till", "10.96.0.2", "tcp-till", 9000));

    public static string StoreEndpoints(bool second = true) => Endpoints("store", "http-web", 8080, ("store-1", 3, true), ("store-2", 4, second));

    public static string TillEndpoints => Endpoints("till", "tcp-till", 9000, ("till", 5, true));

    /// <summary>Who may call the store, and what.</summary>
    public static string Policy(string path = "/books.*", params string[] sources) => $$"""
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: HTTPRouteGroup
        metadata: {name: store-routes, namespace: shop}
        spec:
          matches:
          - {name: books, pathRegex: "{{path}}", methods: [GET]}
        ---
        apiVersion: access.smi-spec.io/v1alpha3
        kind: TrafficTarget
        metadata: {name: store, namespace: shop}
        spec:
          destination: {kind: ServiceAccount, name: store, namespace: shop}
          rules:
          - {kind: HTTPRouteGroup, name: store-routes, matches: [books]}
          sources:
        {{string.Join('\n', (sources.Length == 0 ? ["buyer"] : sources).Select(source => $"  - {{kind: ServiceAccount, name: {source}, namespace: shop}}"))}}
        """;

    public static string Pod(string name, string account, int address, string uuid = "") => $$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{name}}
          namespace: shop
          labels: {app: {{account}}{{(uuid.Length > 0 ? $", osm-proxy-uuid: {uuid}" : "")}}}
        spec:
          serviceAccountName: {{account}}
          containers: [{name: app, image: app}]
        status: {podIP: 10.0.0.{{address}}}
        """;

    public static string Service(string name, string address, string port, int number) => $$"""
        apiVersion: v1
        kind: Service
        metadata: {name: {{name}}, namespace: shop}
        spec:
          clusterIP: {{address}}
          selector: {app: {{name}}}
          ports: [{name: {{port}}, port: {{number}}}]
        """;

    /// <summary>How long requests to a service may take.</summary>
    public static string RequestTimeout(string service, string limit) => $$"""
        apiVersion: policy.openservicemesh.io/v1alpha1
        kind: UpstreamTrafficSetting
        metadata: {name: {{service}}, namespace: shop}
        spec:
          host: {{service}}.shop.svc.cluster.local
          connectionSettings: {http: {requestTimeout: {{limit}} } }
        """;

    private static string Endpoints(string service, string port, int number, params (string Pod, int Address, bool Ready)[] endpoints) => $$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: {{service}}-1
          namespace: shop
          labels: {kubernetes.io/service-name: "{{service}}"}
        addressType: IPv4
        ports: [{name: {{port}}, port: {{number}}}]
        endpoints:
        {{string.Join('\n', endpoints.Select(endpoint => Endpoint(endpoint.Pod, endpoint.Address, endpoint.Ready)))}}
        """;

    private static string Endpoint(string pod, int address, bool ready) => $$"""
        - addresses: [10.0.0.{{address}}]
          conditions: {ready: {{(ready ? "true" : "false")}} }
          targetRef: {kind: Pod, namespace: shop, name: {{pod}} }
        """;
}
