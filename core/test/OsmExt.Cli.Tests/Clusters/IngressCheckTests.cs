using System.Net;
using System.Text;
using OsmExt.Cli.Tests.Simulation;

namespace OsmExt.Cli.Tests.Clusters;

/// <summary><c>osm verify ingress</c>.</summary>
public class IngressCheckTests
{
    private const string Command = "verify ingress --from-service contour/envoy --to-pod shop/store --to-service store --ingress-backend store --to-port 8080";

    private const string Contour = """
        apiVersion: v1
        kind: Service
        metadata: {name: envoy, namespace: contour}
        spec: {selector: {app: envoy}, ports: [{port: 80} ] }
        """;

    private const string Definition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: ingressbackends.policy.openservicemesh.io}
        spec:
          group: policy.openservicemesh.io
          scope: Namespaced
          names: {kind: IngressBackend, plural: ingressbackends, singular: ingressbackend}
          versions:
          - {name: v1alpha1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true} } }
        """;

    [Fact]
    public async Task Each_part_of_the_way_in_is_looked_at()
    {
        await using var cluster = await TestCluster.StartAsync(
            ClusterObjects.ControlPlane, Definition, ClusterObjects.Namespace("shop", "openservicemesh.io/monitored-by: osm"), ClusterObjects.Namespace("contour"),
            ClusterObjects.Pod("contour", "envoy", meshed: false, address: "10.0.1.1"), Contour, ClusterObjects.Pod("shop", "store", address: "10.0.0.12"));

        var none = await cluster.OsmAsync(Command);
        Assert.Equal((1, ""), (none.ExitCode, none.Errors));
        Assert.Contains("Context: Namespace contour is part of mesh osm\nStatus: Failure\nReason: it is in no mesh\n", none.Output, StringComparison.Ordinal);
        Assert.Contains("Context: Pod contour/envoy has no sidecar\nStatus: Success\n", none.Output, StringComparison.Ordinal);
        Assert.Contains("Context: IngressBackend shop/store is there\nStatus: Failure\nReason: there is none\n", none.Output, StringComparison.Ordinal);

        await cluster.CreateAsync("""
            apiVersion: policy.openservicemesh.io/v1alpha1
            kind: IngressBackend
            metadata: {name: store, namespace: shop}
            spec:
              backends: [{name: store, port: {number: 80, protocol: http} } ]
              sources: [{kind: Service, name: nginx, namespace: contour} ]
            """);
        var wrong = await cluster.OsmAsync(Command);
        Assert.Contains("Context: It has Service store, port 8080, protocol http as a backend\nStatus: Failure\nReason: it has not\nSuggestion: add it to spec.backends; the port is the pod's, not the Service's\n", wrong.Output, StringComparison.Ordinal);
        Assert.Contains("Context: It names Service contour/envoy as a source\nStatus: Failure\n", wrong.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_sidecar_runs_decides_in_the_end()
    {
        string[] objects =
        [
            ClusterObjects.Namespace("shop", "openservicemesh.io/monitored-by: osm"), ClusterObjects.Namespace("contour", "openservicemesh.io/monitored-by: osm", "openservicemesh.io/sidecar-injection: disabled"),
            ClusterObjects.Pod("contour", "envoy", meshed: false, address: "10.0.1.1"), Contour, ClusterObjects.Pod("shop", "store", address: "10.0.0.12"), """
            apiVersion: v1
            kind: Service
            metadata: {name: store, namespace: shop}
            spec: {clusterIP: 10.96.0.77, selector: {app: store}, ports: [{name: http-web, port: 80, targetPort: 8080} ] }
            """,
        ];
        await using var cluster = await TestCluster.StartAsync([ClusterObjects.ControlPlane, Definition, .. objects, """
            apiVersion: policy.openservicemesh.io/v1alpha1
            kind: IngressBackend
            metadata: {name: store, namespace: shop}
            spec:
              backends: [{name: store, port: {number: 8080, protocol: http} } ]
              sources: [{kind: Service, name: envoy, namespace: contour} ]
            """]);
        using var directory = new TempDirectory();
        foreach (var (text, index) in objects.Select((text, index) => (text, index)))
        {
            await File.WriteAllTextAsync(Path.Join(directory.Path, $"{index}.yaml"), text);
        }

        using var server = new HttpListener();
        cluster.Listen("shop/store", 15000, TestPage.Listen(server));
        var answering = AnswerAsync(server, TestDump.Of(Manifests.Load([directory.Path]), "shop/store").ToJsonString());

        // The sidecar has nothing of the IngressBackend yet: who is not of the mesh is not let in.
        var run = await cluster.OsmAsync(Command);
        await answering;
        Assert.Equal((1, ""), (run.ExitCode, run.Errors));
        Assert.Contains("Context: IngressBackend shop/store lets it in\nStatus: Success\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("Context: What they run lets 10.0.1.1 reach 10.0.0.12:8080\nStatus: Failure\nReason: it is denied", run.Output, StringComparison.Ordinal);
        Assert.Contains("Suggestion: osm status IngressBackend shop/store says how far the IngressBackend has come\n", run.Output, StringComparison.Ordinal);
    }

    private static async Task AnswerAsync(HttpListener server, string text)
        => (await server.GetContextAsync()).Response.Close(Encoding.UTF8.GetBytes(text), willBlock: true);
}
