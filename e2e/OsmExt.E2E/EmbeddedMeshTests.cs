using System.Net;
using System.Text.Json.Nodes;
using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>
/// A whole mesh on the embedded data plane: on loopback addresses, which needs neither root nor Envoy, and in network namespaces, where the
/// kernel brings the traffic as it does to Envoys.
/// </summary>
[Collection(nameof(Machine))]
public sealed class EmbeddedMeshTests
{
    [OsmFact]
    public Task On_loopback_addresses() => PlayAsync("loopback");

    [MeshFact]
    public Task In_network_namespaces() => PlayAsync("namespaces");

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
