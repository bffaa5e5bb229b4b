using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using OsmExt.Cli.Tests.Simulation;

namespace OsmExt.Cli.Tests.Clusters;

/// <summary><c>osm policy</c> and <c>osm verify</c>.</summary>
public class PolicyInClusterTests
{
    private const string Definition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: PLURAL.GROUP}
        spec:
          group: GROUP
          scope: Namespaced
          names: {kind: KIND, plural: PLURAL, singular: PLURAL}
          versions:
          - {name: VERSION, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true} } }
        """;

    private const string Mesh = """
        apiVersion: v1
        kind: Service
        metadata: {name: store, namespace: shop}
        spec:
          clusterIP: 10.96.0.77
          selector: {app: store}
          ports: [{name: http-web, port: 80, targetPort: 8080} ]
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: store-1, namespace: shop, labels: {kubernetes.io/service-name: store} }
        addressType: IPv4
        endpoints: [{addresses: [10.0.0.12], conditions: {ready: true}, targetRef: {kind: Pod, name: store, namespace: shop} } ]
        ports: [{name: http-web, port: 8080, protocol: TCP} ]
        ---
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: HTTPRouteGroup
        metadata: {name: routes, namespace: shop}
        spec: {matches: [{name: books, pathRegex: /books, methods: [GET]} ] }
        ---
        apiVersion: access.smi-spec.io/v1alpha3
        kind: TrafficTarget
        metadata: {name: store, namespace: shop}
        spec:
          destination: {kind: ServiceAccount, name: store, namespace: shop}
          rules: [{kind: HTTPRouteGroup, name: routes} ]
          sources: [{kind: ServiceAccount, name: buyer, namespace: shop} ]
        """;

    private static readonly string[] Sidecars = ["shop/buyer", "shop/store", "shop/thief"];

    private static string[] Objects =>
    [
        ClusterObjects.ControlPlane, ClusterObjects.Namespace("shop", "openservicemesh.io/monitored-by: osm"),
        Kind("access.smi-spec.io", "v1alpha3", "TrafficTarget", "traffictargets"), Kind("specs.smi-spec.io", "v1alpha4", "HTTPRouteGroup", "httproutegroups"),
        Kind("policy.openservicemesh.io", "v1alpha1", "IngressBackend", "ingressbackends"),
        ClusterObjects.Pod("shop", "buyer", address: "10.0.0.11"), ClusterObjects.Pod("shop", "store", address: "10.0.0.12"), ClusterObjects.Pod("shop", "thief", address: "10.0.0.13"),
        ClusterObjects.Pod("shop", "plain", meshed: false, address: "10.0.0.14"), Mesh,
    ];

    [Fact]
    public async Task A_pod_may_ask_another_what_the_rules_say_and_the_reason_is_the_one_of_osm_why()
    {
        await using var cluster = await TestCluster.StartAsync(Objects);

        var may = await cluster.OsmAsync("policy check-pods shop/buyer shop/store");
        Assert.Equal((0, ""), (may.ExitCode, may.Errors));
        Assert.Contains("ALLOW  shop/buyer may reach store.shop:80 because TrafficTarget shop/store lets it in", may.Output, StringComparison.Ordinal);
        Assert.Contains("         GET /books\n", may.Output, StringComparison.Ordinal);
        Assert.Contains("DENY  ", may.Output, StringComparison.Ordinal);

        var mayNot = await cluster.OsmAsync("policy check-pods shop/thief shop/store -o json");
        Assert.Equal((1, ""), (mayNot.ExitCode, mayNot.Errors));
        Assert.All(JsonNode.Parse(mayNot.Output)!.AsArray(), entry => Assert.Equal("deny", (string)entry!["verdict"]!));

        var plain = await cluster.OsmAsync("policy check-pods shop/plain shop/store");
        Assert.Equal((2, ""), (plain.ExitCode, plain.Output));
        Assert.Contains("the mesh has no proxy for pod shop/plain", plain.Errors, StringComparison.Ordinal);

        var nobody = await cluster.OsmAsync("policy check-pods shop/store shop/buyer");
        Assert.Contains("no Service has pod shop/buyer", nobody.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ingress_backends_that_claim_one_port_are_found()
    {
        await using var cluster = await TestCluster.StartAsync([.. Objects, Backend("a", "store", 8080), Backend("b", "store", 8081)]);
        var none = await cluster.OsmAsync("policy check-conflicts IngressBackend -n shop");
        Assert.Equal((0, "No objects of kind IngressBackend in namespace shop claim the same thing.\n"), (none.ExitCode, none.Output));

        await cluster.CreateAsync(Backend("c", "store", 8080));
        var some = await cluster.OsmAsync("policy check-conflicts ingressbackend --namespaces shop");
        Assert.Equal((1, "Service store port 8080: IngressBackends a, c all have it as a backend; put its sources into one of them\n"), (some.ExitCode, some.Output));
    }

    [Fact]
    public async Task Connectivity_is_what_is_in_the_way()
    {
        await using var cluster = await TestCluster.StartAsync([.. Objects, ClusterObjects.Namespace("out"), ClusterObjects.Pod("out", "guest")]);

        var outside = await cluster.OsmAsync("verify connectivity --from-pod out/guest --to-pod shop/store --to-service store");
        Assert.Equal((1, ""), (outside.ExitCode, outside.Errors));
        Assert.Contains("[+] Context: out/guest gets through to shop/store by Service store\nStatus: Failure\n", outside.Output, StringComparison.Ordinal);
        Assert.Contains("[++] Context: Namespace out is part of mesh osm\nStatus: Failure\nReason: it is in no mesh\nSuggestion: osm namespace add out --mesh-name osm\n", outside.Output, StringComparison.Ordinal);

        var plain = JsonNode.Parse((await cluster.OsmAsync("verify connectivity --from-pod shop/plain --to-ext-port 443 -o json")).Output)!;
        Assert.Contains(plain["parts"]!.AsArray(), part => (string)part!["context"]! == "Pod shop/plain has a sidecar" && (string)part["status"]! == "Failure");

        var neither = await cluster.OsmAsync("verify connectivity --from-pod shop/buyer");
        Assert.Equal(2, neither.ExitCode);
        Assert.Contains("name a destination: --to-pod and --to-service, or --to-ext-port", neither.Errors, StringComparison.Ordinal);
        Assert.Contains("--to-pod needs --to-service", (await cluster.OsmAsync("verify connectivity --from-pod shop/buyer --to-pod shop/store")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connectivity_is_decided_by_what_both_envoys_run()
    {
        // Any path, since the request is the plain one.
        string[] objects = [.. Objects.Select(text => text.Replace("pathRegex: /books", "pathRegex: \".*\"", StringComparison.Ordinal))];
        await using var cluster = await TestCluster.StartAsync(objects);
        using var directory = new TempDirectory();
        foreach (var (text, index) in objects.Select((text, index) => (text, index)).Where(entry => !entry.text.Contains("CustomResourceDefinition", StringComparison.Ordinal)))
        {
            await File.WriteAllTextAsync(Path.Join(directory.Path, $"{index}.yaml"), text);
        }

        var snapshot = Manifests.Load([directory.Path]);
        using var buyer = Serve(cluster, "shop/buyer", 15000, () => TestDump.Of(snapshot, "shop/buyer").ToJsonString());
        var dump = TestDump.Of(snapshot, "shop/store");
        using var store = Serve(cluster, "shop/store", 15000, () => dump.ToJsonString());
        using var thief = Serve(cluster, "shop/thief", 15000, () => TestDump.Of(snapshot, "shop/thief").ToJsonString());
        using var debug = Serve(cluster, "osm-system/osm-controller-1", 9092, () => new JsonArray([.. Sidecars.Select(pod
            => (JsonNode)new JsonObject { ["proxy"] = pod, ["in_sync"] = true, ["rejected"] = 0 })]).ToJsonString());

        const string verify = "verify connectivity --to-pod shop/store --to-service store --from-pod";
        var works = await cluster.OsmAsync($"{verify} shop/buyer");
        Assert.True(works.ExitCode == 0, works.Output + works.Errors);
        Assert.Contains("[+] Context: shop/buyer gets through to shop/store by Service store\nStatus: Success\n", works.Output, StringComparison.Ordinal);

        var denied = await cluster.OsmAsync($"{verify} shop/thief");
        Assert.Equal(1, denied.ExitCode);
        Assert.Contains("[++] Context: What they run lets shop/thief reach store.shop:80\nStatus: Failure\nReason: it is denied", denied.Output, StringComparison.Ordinal);
        Assert.Contains("Suggestion: osm policy check-pods shop/thief shop/store says which object decides\n", denied.Output, StringComparison.Ordinal);

        // What runs counts, not what the objects mean.
        dump["configs"]!.AsArray().Single(section => ((string)section!["@type"]!).EndsWith("ListenersConfigDump", StringComparison.Ordinal))!["dynamic_listeners"] = new JsonArray();
        var behind = await cluster.OsmAsync($"{verify} shop/buyer");
        Assert.Equal(1, behind.ExitCode);
        Assert.Contains("shop/store has no listener", behind.Output, StringComparison.Ordinal);
    }

    private static HttpListener Serve(TestCluster cluster, string pod, int port, Func<string> answer)
    {
        var server = new HttpListener();
        cluster.Listen(pod, port, TestPage.Listen(server));
        _ = AnswerAsync(server, answer);
        return server;
    }

    private static async Task AnswerAsync(HttpListener server, Func<string> answer)
    {
        try
        {
            while (true)
            {
                (await server.GetContextAsync()).Response.Close(Encoding.UTF8.GetBytes(answer()), willBlock: true);
            }
        }
        catch (Exception failure) when (failure is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static string Backend(string name, string service, int port) => $$"""
        apiVersion: policy.openservicemesh.io/v1alpha1
        kind: IngressBackend
        metadata: {name: {{name}}, namespace: shop}
        spec:
          backends: [{name: {{service}}, port: {number: {{port}}, protocol: http} } ]
          sources: [{kind: Service, name: contour, namespace: contour} ]
        """;

    private static string Kind(string group, string version, string kind, string plural)
        => Definition.Replace("GROUP", group, StringComparison.Ordinal).Replace("VERSION", version, StringComparison.Ordinal).Replace("KIND", kind, StringComparison.Ordinal).Replace("PLURAL", plural, StringComparison.Ordinal);
}
