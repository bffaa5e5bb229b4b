using OsmExt.Envoy;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Snapshots;
using OsmExt.Xds.Tests.GrpcJs;
using OsmExt.Xds.Tests.Hosting;

namespace OsmExt.Xds.Tests.RealEnvoy;

/// <summary>An Envoy that was told to ask for each thing on a stream of its own.</summary>
public sealed class SeparateStreamTests
{
    private const string Node = "envoy";

    public static TheoryData<string, string> Matrix => EnvoyTests.Matrix;

    [EnvoyTheory]
    [MemberData(nameof(Matrix))]
    public async Task It_is_configured_changed_and_cleared(string version, string variantName)
    {
        var variant = Enum.Parse<XdsVariant>(variantName);
        var source = EnvoyBootstrap.SourceOf(variant);
        await using var server = await XdsTestServer.StartAsync();
        await using var backend = await HttpBackend.StartAsync("backend");
        await using var other = await HttpBackend.StartAsync("other");
        var port = EnvoyTests.FreePort();
        server.Publish(EnvoyResources.Listener("web", port, "web", source: source), EnvoyResources.Route("web", "one"));
        await using var envoy = await EnvoyProcess.StartAsync(version, server, variant, Node, Discovery.Separate);
        await EnvoyTests.AnswersAsync(envoy, port, "one");

        // Nothing orders streams, so a route to what is not there yet may be refused or answered with an error.
        server.Change(EnvoyResources.Cluster("backend", source), ProxylessService.Endpoints("backend", backend.Port));
        await server.WhenAnsweredAsync();
        server.Change(EnvoyResources.Forward("web", "backend"));
        await Eventually.HoldsAsync(async () => await envoy.GetAsync(port) == "backend", $"it forwards; it says {envoy.Log}");

        // A changed cluster waits for endpoints, which it asks for anew.
        server.Change(EnvoyResources.Cluster("backend", source, content: 2));
        await Eventually.HoldsAsync(async () => (await envoy.ConfigAsync()).Contains("\"connect_timeout\": \"2s\"", StringComparison.Ordinal), "the changed cluster is there");
        server.Change(ProxylessService.Endpoints("backend", other.Port));
        await Eventually.HoldsAsync(async () => await envoy.GetAsync(port) == "other", $"it forwards to the changed endpoint; it says {envoy.Log}");
        await Eventually.HoldsAsync(async () => !(await envoy.ConfigAsync()).Contains("dynamic_warming_clusters", StringComparison.Ordinal), "the changed cluster is warm; the one before may have taken the endpoints first");

        server.Change(EnvoyResources.Route("web", "two"));
        await Eventually.HoldsAsync(async () => await envoy.GetAsync(port) == "two", "the route is changed back");
        server.Patch(XdsChange.Remove(TypeUrls.Cluster, "backend"), XdsChange.Remove(TypeUrls.Endpoint, "backend"), XdsChange.Remove(TypeUrls.Listener, "web"));
        await Eventually.HoldsAsync(async () => await envoy.GetAsync(port) is null, "the listener is closed");
        await Eventually.HoldsAsync(async () => !(await envoy.ConfigAsync()).Contains("\"backend\"", StringComparison.Ordinal), "the cluster is removed");

        Assert.All(server.Registry.Describe(Node), stream => Assert.InRange(stream.Types.Count, 0, 1));
        Assert.InRange(server.Registry.Describe(Node).Count, 2, 16);
        Assert.Empty(server.Rejections.All);
    }

    [EnvoyTheory]
    [MemberData(nameof(Matrix))]
    public async Task Its_secrets_come_on_streams_of_their_own(string version, string variantName)
    {
        var variant = Enum.Parse<XdsVariant>(variantName);
        await using var server = await XdsTestServer.StartAsync();
        using var first = server.Pki.Issue("first");
        using var second = server.Pki.Issue("second");
        var port = EnvoyTests.FreePort();
        server.Publish(
            EnvoyResources.Listener("web", port, "web", secret: "identity", source: EnvoyBootstrap.SourceOf(variant)),
            EnvoyResources.Route("web", "one"),
            EnvoyResources.Identity("identity", first));
        await using var envoy = await EnvoyProcess.StartAsync(version, server, variant, Node, Discovery.Separate);
        await Eventually.HoldsAsync(async () => await EnvoyTests.CertificateAsync(port) == first.Thumbprint, "the first certificate is shown");
        server.Change(EnvoyResources.Identity("identity", second));
        await Eventually.HoldsAsync(async () => await EnvoyTests.CertificateAsync(port) == second.Thumbprint, "the second certificate is shown");
    }

    /// <summary>Also in Envoy 1.36, which does not take them on an aggregated stream.</summary>
    [EnvoyTheory]
    [MemberData(nameof(Versions))]
    public async Task Its_virtual_hosts_come_on_streams_of_their_own(string version)
    {
        var source = EnvoyBootstrap.SourceOf(XdsVariant.Delta);
        await using var server = await XdsTestServer.StartAsync();
        var port = EnvoyTests.FreePort();
        server.Publish(
            EnvoyResources.Listener("web", port, "web", source: source), EnvoyResources.SeparateHosts("web", "unknown", source),
            EnvoyResources.Host("web/one", "one", "first"), EnvoyResources.Host("elsewhere/one", "one", "not ours"));
        await using var envoy = await EnvoyProcess.StartAsync(version, server, XdsVariant.Delta, Node, Discovery.Separate);
        await Eventually.HoldsAsync(async () => await envoy.GetAsync(port, "one") == "first", $"the host answers; it says {envoy.Log}");
        server.Change(EnvoyResources.Host("web/two", "two", "second"));
        await Eventually.HoldsAsync(async () => await envoy.GetAsync(port, "two") == "second", "the new host answers");
        server.Remove("VHDS", "web/two");
        await Eventually.HoldsAsync(async () => await envoy.GetAsync(port, "two") != "second", "the host is gone");
        Assert.Empty(server.Rejections.All);
    }

    public static TheoryData<string> Versions => [.. Envoys.Versions];
}
