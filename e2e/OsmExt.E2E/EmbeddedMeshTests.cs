using System.Net;
using System.Text.Json.Nodes;
using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>
/// A whole mesh on the embedded data plane: on loopback addresses, which needs neither root nor Envoy, and in network namespaces, where the
/// kernel brings the traffic as it does to Envoys.
/// </summary>
public sealed class EmbeddedMeshTests
{
    [OsmFact]
    public Task On_loopback_addresses() => PlayAsync("loopback");

    [MeshFact]
    public Task In_network_namespaces() => PlayAsync("namespaces");

    // Both services have the same port and no name that the proxy could read: only the kernel knows which one a connection was meant for.
    [MeshFact]
    public async Task A_connection_goes_where_it_was_meant_to_before_it_was_redirected()
    {
        await using var mesh = await Mesh.StartAsync(PrepareTcp, "--network", "namespaces");
        foreach (var (address, server) in new[] { ("10.96.1.1", "v1"), ("10.96.1.2", "v2") })
        {
            await Wait.ForAsync($"{server} hi", () => mesh.Pod("buyer").LineAsync(address, 9000, "hi"));
            Assert.Equal($"hello from {server}", await mesh.Pod("buyer").LineAsync(address, 9001, say: null));
        }

        Assert.Equal("", await mesh.Pod("thief").LineAsync("10.96.1.2", 9000, "hi"));
    }

    private static void PrepareTcp(ManifestFolder config) => config.Write("all",
        MeshConfig(permissive: false), Namespace(Shop.Namespace),
        Server(Shop.Namespace, "v1", Shop.V1, "echo"), Server(Shop.Namespace, "v2", Shop.V2, "echo"),
        Client(Shop.Namespace, "buyer", "10.244.1.11"), Client(Shop.Namespace, "thief", "10.244.1.12"),
        Service(Shop.Namespace, "echo-v1", "10.96.1.1", "version: v1", ("v1", Shop.V1)), Service(Shop.Namespace, "echo-v2", "10.96.1.2", "version: v2", ("v2", Shop.V2)),
        Shop.Routes, Target(Shop.Namespace, "v1", "v1", ["buyer"], Shop.TcpRule), Target(Shop.Namespace, "v2", "v2", ["buyer"], Shop.TcpRule));

    private static async Task PlayAsync(string network)
    {
        await using var mesh = await Mesh.StartAsync(Prepare, "--network", network);
        var status = (await mesh.StatusAsync())!;
        Assert.Equal(("embedded", network), ($"{status["data_plane"]}", $"{status["network"]}"));
        using var buyer = ClientOf(mesh, status, "buyer");
        using var thief = ClientOf(mesh, status, "thief");

        // HTTP, with the identity that the server's sidecar has verified; and who is not allowed gets nothing.
        await Wait.ForAsync(HttpStatusCode.OK, () => StatusAsync(buyer, "http://echo-v1:8080/items/x"));
        Assert.Contains("URI=spiffe://cluster.local/buyer/shop", await buyer.GetStringAsync(new Uri("http://echo-v1:8080/items/x")), StringComparison.Ordinal);
        Assert.NotEqual(HttpStatusCode.OK, await StatusAsync(thief, "http://echo-v1:8080/items/x"));

        // A policy change is in force for new requests, and taken back again.
        using (mesh.Config.WriteForNow("thief", Allow("thief")))
        {
            await Wait.ForAsync(HttpStatusCode.OK, () => StatusAsync(thief, "http://echo-v1:8080/items/x"));
        }

        await Wait.UntilAsync(async () => await StatusAsync(thief, "http://echo-v1:8080/items/x") != HttpStatusCode.OK, "the thief is refused again");

        // Without the control plane everything goes on, and when it is back, so do changes.
        Kill(await ProcessAsync(mesh, "control-plane"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(buyer, "http://echo-v1:8080/items/x"));
        using (mesh.Config.WriteForNow("thief", Allow("thief")))
        {
            await Wait.ForAsync(HttpStatusCode.OK, () => StatusAsync(thief, "http://echo-v1:8080/items/x"), 90);
        }

        // A sidecar that crashes comes back with all it had.
        Kill(await ProcessAsync(mesh, "shop.v1/sidecar"));
        await Wait.ForAsync(HttpStatusCode.OK, () => StatusAsync(buyer, "http://echo-v1:8080/items/x"), 90);
    }

    private static async Task<int> ProcessAsync(Mesh mesh, string name)
        => (await mesh.StatusAsync())!["processes"]!.AsArray().Single(process => $"{process!["name"]}" == name)!["pid"]!.GetValue<int>();

    private static void Kill(int process)
    {
        using var running = System.Diagnostics.Process.GetProcessById(process);
        running.Kill();
    }

    private static HttpClient ClientOf(Mesh mesh, JsonNode status, string pod)
    {
        if ($"{status["network"]}" == "namespaces")
        {
            return mesh.Pod(pod).CreateClient();
        }

        var entry = status["pods"]!.AsArray().Single(found => $"{found!["name"]}" == pod)!["entry"];
        return new(new SocketsHttpHandler { Proxy = new WebProxy($"http://{entry}"), UseProxy = true });
    }

    // Whoever is closed the door on has no status; a proxy in between says 502.
    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string url)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri(url));
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    private static string Allow(string source) => Target(Shop.Namespace, source, "v1", [source], Shop.HttpRule);

    private static void Prepare(ManifestFolder config) => config.Write("all",
        MeshConfig(permissive: false), Namespace(Shop.Namespace),
        Server(Shop.Namespace, "v1", Shop.V1, "echo"),
        Client(Shop.Namespace, "buyer", "10.244.1.11"), Client(Shop.Namespace, "thief", "10.244.1.12"),
        Service(Shop.Namespace, "echo-v1", "10.96.1.1", "version: v1", ("v1", Shop.V1)),
        Shop.Routes, Allow("buyer"));
}
