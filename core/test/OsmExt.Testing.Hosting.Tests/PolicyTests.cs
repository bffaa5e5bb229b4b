using OsmExt.Sdk.Resources;

namespace OsmExt.Testing.Hosting.Tests;

/// <summary>Changes of objects, and what tests expect of them.</summary>
public class PolicyTests
{
    private const string Split = """
        apiVersion: split.smi-spec.io/v1alpha4
        kind: TrafficSplit
        metadata: {name: store, namespace: shop}
        spec: {service: store, backends: [{service: store-v1, weight: 75}, {service: store-v2, weight: 25}]}
        """;

    [Theory, MemberData(nameof(DataPlanes.All), MemberType = typeof(DataPlanes))]
    public async Task A_change_is_in_force_when_the_call_returns(string plane)
    {
        await using var mesh = await Shop.StartOnAsync(plane);
        mesh.RunStandIns();
        var web = mesh.Pod("shop/web");

        for (var round = 0; round < 5; round++)
        {
            await web.ShouldReach("http://store/books");
            await web.ShouldGet("http://store/books", 403, "POST");
            await mesh.DeleteAsync("TrafficTarget", "shop", "store");
            await web.ShouldBeDenied("http://store/books");
            await mesh.ApplyAsync(Shop.Access);
        }

        await mesh.ReplaceAllAsync(Shop.Permissive, Shop.Mesh.Split("---")[1], Shop.Workload("web"), Shop.Workload("store"));
        await web.ShouldReach("http://store/books", "POST");
        Assert.Throws<ArgumentException>(() => mesh.Pod("shop/thief"));
    }

    [Theory, MemberData(nameof(DataPlanes.All), MemberType = typeof(DataPlanes))]
    public async Task A_failing_expectation_says_who_to_whom_what_and_why(string plane)
    {
        await using var mesh = await Shop.StartOnAsync(plane);
        mesh.RunStandIns();

        var failure = await Assert.ThrowsAsync<MeshExpectationException>(() => mesh.Pod("shop/thief").ShouldReach("http://store/books"));
        Assert.Contains("shop/thief → GET http://store/books is not as expected", failure.Message, StringComparison.Ordinal);
        Assert.Contains("who:      shop/thief (ServiceAccount shop/thief, 10.244.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("expected: to be answered with success", failure.Message, StringComparison.Ordinal);
        Assert.Contains("got:      nothing: the connection was closed", failure.Message, StringComparison.Ordinal);
        Assert.Contains("add ServiceAccount shop/thief to the sources of TrafficTarget shop/store (text:", failure.Message, StringComparison.Ordinal);

        failure = await Assert.ThrowsAsync<MeshExpectationException>(() => mesh.Pod("web").ShouldBeDenied("http://store/books"));
        Assert.Contains("expected: to be refused by the mesh", failure.Message, StringComparison.Ordinal);
        Assert.Contains("got:      200 OK", failure.Message, StringComparison.Ordinal);
        Assert.Contains("TrafficTarget shop/store", failure.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(DataPlanes.All), MemberType = typeof(DataPlanes))]
    public async Task What_an_application_refuses_is_not_refused_by_the_mesh(string plane)
    {
        await using var mesh = await Shop.StartOnAsync(plane);
        mesh.RunHandler("store", new Refuses());
        await mesh.Pod("web").ShouldGet("http://store/books", 403);
        await Assert.ThrowsAsync<MeshExpectationException>(() => mesh.Pod("web").ShouldBeDenied("http://store/books"));
    }

    [Theory, MemberData(nameof(DataPlanes.All), MemberType = typeof(DataPlanes))]
    public async Task Requests_are_divided_by_weights(string plane)
    {
        await using var mesh = await Shop.StartOnAsync(plane, Shop.Permissive, Shop.Workload("store-v1"), Shop.Workload("store-v2"), Split);
        mesh.RunStandIns();

        await mesh.Pod("web").ShouldSplit("http://store/books", new Dictionary<string, double> { ["shop/store-v1"] = 75, ["shop/store-v2"] = 25 });

        var failure = await Assert.ThrowsAsync<MeshExpectationException>(() => mesh.Pod("web")
            .ShouldSplit("http://store/books", new Dictionary<string, double> { ["shop/store-v1"] = 100 }, requests: 100));
        Assert.Contains("expected: shop/store-v1 100%, shop/store-v2 0%", failure.Message, StringComparison.Ordinal);
        Assert.Contains("the mesh's policy: shop/store-v1 75%, shop/store-v2 25%", failure.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(DataPlanes.All), MemberType = typeof(DataPlanes))]
    public async Task Objects_may_be_values_and_mistakes_are_named(string plane)
    {
        await using var mesh = await Shop.StartOnAsync(plane);
        mesh.RunStandIns();
        await mesh.ApplyAsync(new Pod(new ResourceMetadata("shop", "added")) { ServiceAccount = "web" });
        await mesh.Pod("added").ShouldReach("http://store/books");

        var mistake = await Assert.ThrowsAsync<ArgumentException>(() => mesh.ApplyAsync(Shop.Access.Replace("matches: [read]", "match: [read]", StringComparison.Ordinal)));
        Assert.Contains("TrafficTarget shop/store", mistake.Message, StringComparison.Ordinal);
        Assert.Contains("match", mistake.Message, StringComparison.Ordinal);
        await mesh.Pod("web").ShouldReach("http://store/books");
    }

    private sealed class Refuses : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            => Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.Forbidden));
    }
}
