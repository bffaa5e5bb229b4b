using OsmExt.Cli.Local.Api;
using OsmExt.Kubernetes.Sources;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Tests;

/// <summary>What of manifests an API server is sent.</summary>
public sealed class ManifestDocumentsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("osm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Objects_come_one_by_one_without_what_a_cluster_finds_out_by_itself()
    {
        var read = Read("""
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}, status: {podIP: 10.0.0.1}}
            - {apiVersion: v1, kind: Pod, metadata: {name: done, namespace: shop}, status: {phase: Succeeded}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web}}}
            ---
            {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}, addressType: IPv4}
            ---
            {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: web-6, namespace: shop, labels: {kubernetes.io/service-name: web}}, addressType: IPv6}
            ---
            {apiVersion: v1, kind: Endpoints, metadata: {name: outside, namespace: shop}}
            """);
        Assert.Equal(["EndpointSlice shop/web-6", "Namespace shop", "Pod shop/a", "Service shop/web"], read.Objects.Keys.Select(item => item.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(["Namespace shop", "Service shop/web"], read.Objects.Keys.Where(item => item.Kind is "Namespace" or "Service").OrderBy(item => item.Order).Select(item => item.ToString()));
        var pod = read.Objects.Single(entry => entry.Key.Kind == "Pod").Value;
        Assert.Null(pod["status"]);
        Assert.Contains("\"name\":\"a\"", (string?)pod["metadata"]!["annotations"]!["kubectl.kubernetes.io/last-applied-configuration"], StringComparison.Ordinal);
        Assert.Equal(["10.0.0.1"], read.Pods[new ResourceKey("Pod", "shop", "a")]);
        Assert.Equal(["Endpoints shop/outside is not taken: Endpoints are not read of a cluster; write an EndpointSlice"], read.Problems);
        Assert.True(read.IsWhole);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_said_and_what_it_had_is_not_gone()
    {
        var read = Read("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}\n---\nkind: [");
        Assert.Single(read.Objects);
        Assert.False(read.IsWhole);
        Assert.Contains("mesh.yaml", Assert.Single(read.Problems), StringComparison.Ordinal);
    }

    private ManifestDocuments Read(string text)
    {
        File.WriteAllText(Path.Join(_folder, "mesh.yaml"), text);
        return ManifestDocuments.Read(DirectoryScanner.Scan([_folder]), 1 << 20);
    }
}
