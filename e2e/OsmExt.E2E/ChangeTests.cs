using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>Files change while the mesh runs, and behaviour follows: policy within a second.</summary>
[Collection(nameof(ShopMesh))]
public sealed class ChangeTests(Shop shop)
{
    // Of the first request or connection that behaves as the changed file says, counted from the moment the file changed.
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(1);

    private Mesh Mesh => shop.Mesh;

    [MeshTheory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task Access_is_given_and_taken_within_a_second(string server)
    {
        var thief = Mesh.Pod("thief");
        var url = $"http://echo-{server}:8080/items/1";
        Assert.Equal(0, await thief.StatusAsync(url));

        TimeSpan given, narrowed, taken;
        using (Mesh.Config.WriteForNow("thief", Target(Shop.Namespace, "thief", server, ["thief"], Shop.HttpRule, Shop.TcpRule)))
        {
            given = await Wait.ForAsync(200, () => thief.StatusAsync(url));
            await Wait.ForAsync($"hello from {server}", () => thief.LineAsync($"echo-{server}", 9001, say: null));

            Mesh.Config.Write("thief", Target(Shop.Namespace, "thief", server, ["thief"], Shop.GuestRule));
            narrowed = await Wait.ForAsync(403, () => thief.StatusAsync(url));
            await Wait.ForAsync("", () => thief.LineAsync($"echo-{server}", 9001, say: null));
        }

        taken = await Wait.ForAsync(0, () => thief.StatusAsync(url));
        Assert.Equal("", await thief.LineAsync($"echo-{server}", 9000, "hi"));
        Assert.All([given, narrowed, taken], elapsed => Assert.InRange(elapsed, TimeSpan.Zero, Promised));
    }

    [MeshFact]
    public async Task A_new_workload_is_reachable_and_then_gone()
    {
        var buyer = Mesh.Pod("buyer");
        const string Url = "http://fresh.shop:8080/items/1";
        using (Mesh.Config.WriteForNow("fresh",
            Server(Shop.Namespace, "fresh", "10.244.1.3", "fresh"),
            Service(Shop.Namespace, "fresh", "10.96.1.3", "app: fresh", ("fresh", "10.244.1.3")),
            Target(Shop.Namespace, "fresh", "fresh", Shop.Buyers, Shop.HttpRule)))
        {
            await Wait.ForAsync(200, () => buyer.StatusAsync(Url));
            Assert.Equal("fresh", (string?)(await buyer.GetAsync(Url))!["pod"]);
            Assert.Equal(0, await Mesh.Pod("thief").StatusAsync(Url));
        }

        await Wait.ForAsync(0, () => buyer.StatusAsync(Url));
        await Wait.UntilAsync(() => !Mesh.Pod("fresh").Exists, "the pod is gone");
    }

    [MeshFact]
    public async Task Endpoints_follow_their_slice_within_a_second()
    {
        // The second slice of the service adds the other server; no policy changes.
        const string More = """
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: echo-v1-2, namespace: shop, labels: {kubernetes.io/service-name: echo-v1}}
            addressType: IPv4
            ports: [{name: http-web, port: 8080}]
            endpoints: [{addresses: [10.244.1.4], conditions: {ready: true}, targetRef: {kind: Pod, namespace: shop, name: twin}}]
            """;
        var twin = Server(Shop.Namespace, "twin", "10.244.1.4", "echo").Replace("version: twin", "version: v1", StringComparison.Ordinal)
            .Replace("serviceAccountName: twin", "serviceAccountName: v1", StringComparison.Ordinal);
        using var pod = Mesh.Config.WriteForNow("twin", twin);
        await Wait.UntilAsync(
            async () => (await Mesh.AdminAsync("twin", "listeners")).Contains("inbound", StringComparison.Ordinal), "its sidecar listens");
        await Wait.ForAsync(200, () => Mesh.Pod("twin").StatusAsync("http://127.0.0.1:8080/"));

        // What came before is over: an Envoy that still warms clusters is sent nothing new for a while.
        await Wait.UntilAsync(Mesh.InSyncAsync, "everything before has been answered");
        TimeSpan added;
        using (Mesh.Config.WriteForNow("more", More))
        {
            added = await Wait.UntilAsync(async () => (await CountAsync()).ContainsKey("twin"), "the twin answers");
        }

        var removed = await Wait.UntilAsync(async () => !(await CountAsync()).ContainsKey("twin"), "the twin is not asked any more");
        Assert.All([added, removed], elapsed => Assert.InRange(elapsed, TimeSpan.Zero, Promised));

        Task<Dictionary<string, int>> CountAsync() => Mesh.Pod("buyer").CountAsync("http://echo-v1:8080/items/1", 6);
    }

    [MeshFact]
    public async Task Permissive_mode_opens_the_mesh_and_nothing_else_and_closes_again()
    {
        var thief = Mesh.Pod("thief");
        Mesh.Config.Write(Shop.MeshConfigFile, MeshConfig(permissive: true));
        try
        {
            foreach (var server in (string[])["v1", "v2"])
            {
                await Wait.ForAsync(200, () => thief.StatusAsync($"http://echo-{server}:8080/anything"));
                await Wait.ForAsync($"hello from {server}", () => thief.LineAsync($"echo-{server}", 9001, say: null));
                Assert.Equal($"{server} hi", await Mesh.Pod("old-buyer").LineAsync($"echo-{server}", 9000, "hi"));
                var headers = (await thief.GetAsync($"http://echo-{server}:8080/anything"))!["headers"]!;
                Assert.Contains("URI=spiffe://cluster.local/thief/shop", (string)headers["x-forwarded-client-cert"]!, StringComparison.Ordinal);
            }

            Assert.Equal("", await Mesh.Node.LineAsync(Shop.V1, 8080, "GET / HTTP/1.0\r\n\r"));
        }
        finally
        {
            Mesh.Config.Write(Shop.MeshConfigFile, MeshConfig());
        }

        var closed = await Wait.ForAsync(0, () => thief.StatusAsync("http://echo-v1:8080/anything"));
        await Wait.ForAsync("", () => thief.LineAsync("echo-v2", 9001, say: null));
        await Wait.ForAsync(403, () => Mesh.Pod("buyer").StatusAsync("http://echo-v2:8080/anything"));
        Assert.InRange(closed, TimeSpan.Zero, Promised);
    }
}
