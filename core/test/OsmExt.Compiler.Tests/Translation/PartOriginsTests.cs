using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Cases;

namespace OsmExt.Compiler.Tests.Translation;

/// <summary>Every part of a configuration knows the objects it was made from.</summary>
public class PartOriginsTests
{
    private static readonly string Cases = Path.Combine(Path.GetDirectoryName(CaseFolder.Beside())!, "..", "cases");

    [Theory]
    [InlineData("split-header", "client/curl", 2, "route", ".* user-agent=.*Firefox.* x-beta=1|true", "TrafficSplit shop/a-beta, HTTPRouteGroup shop/beta")]
    [InlineData("split-header", "client/curl", 1, "host", "outbound_virtual-host|cart.shop.svc.cluster.local", "Service shop/cart")]
    [InlineData("split-tcp", "client/curl", 1, "chain", "outbound_data/db_3306_tcp", "Service data/db, TrafficSplit data/db")]
    [InlineData("statefulset-http", "client/curl", 2, "route", ".*", "Retry client/curl-web")]
    [InlineData("statefulset-http", "client/curl", 0, "secret", "root-cert-for-mtls-outbound:data/web", "Service data/web")]
    [InlineData("statefulset-http", "client/curl", 0, "secret", "service-cert:client/curl", "ServiceAccount client/curl")]
    [InlineData("statefulset-http", "data/web-0", 0, "secret", "service-cert:data/web", "ServiceAccount data/web")]
    [InlineData("inbound-rules", "ns1/s", 2, "route", "/get :method=GET foo=bar", "HTTPRouteGroup ns1/rule-1, TrafficTarget ns1/t1, TrafficTarget ns1/t2")]
    [InlineData("inbound-rules", "ns1/s", 1, "host", "inbound_virtual-host|s1.ns1.svc.cluster.local", "Service ns1/s1, UpstreamTrafficSetting ns1/s1")]
    [InlineData("inbound-rules", "ns1/s", 1, "chain", "inbound_ns1/s3_8000_tcp", "Service ns1/s3, TCPRoute ns1/one, TrafficTarget ns1/t1")]
    [InlineData("catalog", "ns1/x", 0, "cluster", "ns1/s1|80", "Service ns1/s1, UpstreamTrafficSetting ns1/s1")]
    [InlineData("catalog", "ns1/x", 0, "listener", "outbound-listener", "MeshConfig osm-mesh-config")]
    public void A_part_names_its_objects(string folder, string pod, int depth, string kind, string name, string objects)
        => Assert.Contains((depth, kind, name, objects), Parts(folder, pod));

    [Fact]
    public void A_mesh_without_policies_carries_no_metadata()
        => Assert.All(
            File.ReadAllLines(Path.Combine(Cases, "permissive", "client.curl.verified.yaml")),
            line => Assert.DoesNotContain("metadata", line, StringComparison.Ordinal));

    [Fact]
    public void A_list_of_objects_has_an_end()
    {
        var written = Provenance.Of(Enumerable.Range(100, 50).Select(number => new ResourceKey("TrafficTarget", "shop", $"t{number}")));

        var read = Provenance.Read(written).ToArray();
        Assert.Equal(21, read.Length);
        Assert.Equal(("TrafficTarget shop/t100", "and others"), (read[0], read[^1]));
    }

    private static IEnumerable<(int, string, string, string)> Parts(string folder, string pod)
    {
        var mesh = OfflineMesh.Compile(TranslationCase.Read(Path.Combine(Cases, folder, TranslationCase.InputFile)), new());
        var proxy = mesh.Proxies.All.Single(proxy => $"{proxy.Pod.Namespace}/{proxy.Pod.Name}" == pod);
        var origins = new PartOrigins(mesh.Mesh, mesh.Proxies.All.Select(found => found.Identity.Workload));
        return mesh.Translate(proxy).Resources.SelectMany(origins.Of).Select(part => (part.Depth, part.Kind, part.Name, string.Join(", ", part.Objects)));
    }
}
