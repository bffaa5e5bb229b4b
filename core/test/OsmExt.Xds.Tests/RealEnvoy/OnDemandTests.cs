using OsmExt.Xds.Protocol;
using OsmExt.Xds.Tests.GrpcJs;
using OsmExt.Xds.Tests.Hosting;

namespace OsmExt.Xds.Tests.RealEnvoy;

/// <summary>An Envoy that asks for a cluster when the first request for it comes.</summary>
public sealed class OnDemandTests
{
    private const string Node = "envoy";

    public static TheoryData<string, string> Matrix => EnvoyTests.Matrix;

    [EnvoyTheory]
    [MemberData(nameof(Matrix))]
    public async Task A_cluster_comes_with_the_first_request_for_it_and_others_do_not(string version, string variantName)
    {
        var variant = Enum.Parse<XdsVariant>(variantName);
        await using var server = await XdsTestServer.StartAsync();
        await using var backend = await HttpBackend.StartAsync("backend");
        var port = EnvoyTests.FreePort();
        server.Publish(
            EnvoyResources.Listener("web", port, "web", filter: EnvoyResources.OnDemandFilter()), EnvoyResources.ForwardByHeader("web"),
            EnvoyResources.Cluster("wanted"), ProxylessService.Endpoints("wanted", backend.Port),
            EnvoyResources.Cluster("unwanted"), ProxylessService.Endpoints("unwanted", backend.Port));
        await using var envoy = await EnvoyProcess.StartAsync(version, server, variant, Node, Discovery.OnDemand);
        await Eventually.HoldsAsync(async () => await envoy.GetAsync(port) is not null, "the listener is open");
        Assert.Equal("backend", await envoy.GetAsync(port, cluster: "wanted"));

        // What there is not is said not to be there, and the request is not kept waiting.
        Assert.Equal("503", await envoy.GetAsync(port, cluster: "missing"));
        var config = await envoy.ConfigAsync();
        Assert.Contains("\"wanted\"", config, StringComparison.Ordinal);
        Assert.DoesNotContain("\"unwanted\"", config, StringComparison.Ordinal);
        Assert.Empty(server.Rejections.All);
    }
}
