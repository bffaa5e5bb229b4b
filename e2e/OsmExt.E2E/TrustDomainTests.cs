using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>
/// The mesh goes to another trust domain and back, by manifests alone and while there is traffic, and the sidecars' credentials
/// towards the control plane go with it.
/// </summary>
public sealed class TrustDomainTests
{
    private const string Home = "cluster.local";
    private const string Away = "corp.example";
    private static readonly string[] Meshed = ["v1", "buyer"];

    [MeshFact]
    public async Task A_trust_domain_is_replaced_and_rolled_back_and_no_request_fails()
    {
        await using var mesh = await Mesh.StartAsync(Prepare);
        await SettledAsync(mesh, Home, "root-a");
        var envoys = await EnvoysAsync(mesh);
        var buyer = mesh.Pod("buyer");
        await using var open = await OpenConnection.OpenAsync(buyer, "echo-v1", "v1");
        await open.SayAsync("at first");
        await using var traffic = new Traffic((buyer, "http://echo-v1:8080/items/1"));

        // As the documentation says: one step after the other, with traffic in each.
        await MoreAsync(traffic);
        mesh.Config.Write("roots", Root("root-a", "active", Home), Root("root-b", "passive", Away));
        await Wait.UntilAsync(async () => await AcceptedAsync(mesh) is [Home, Away], "both domains are accepted", 30);
        await MoreAsync(traffic);
        mesh.Config.Write("roots", Root("root-a", "passive", Home), Root("root-b", "active", Away));
        await Wait.UntilAsync(async () => await StatusAsync(mesh, "trust_domain") == Away, "certificates are issued in the new domain", 30);
        await MoreAsync(traffic);
        mesh.Config.Write("roots", Root("root-b", "active", Away));
        await SettledAsync(mesh, Away, "root-b");
        Assert.Equal("v1 hi", await buyer.LineAsync("echo-v1", 9000, "hi"));
        await MoreAsync(traffic);

        // In a hurry, and back: the mesh takes the same steps by itself.
        mesh.Config.Write("roots", Root("root-a", "active", Home));
        await SettledAsync(mesh, Home, "root-a");
        Assert.Equal("v1 hi", await buyer.LineAsync("echo-v1", 9000, "hi"));
        await MoreAsync(traffic);

        await open.SayAsync("at last");
        Assert.Equal([], await traffic.StopAsync());
        Assert.Equal(envoys, await EnvoysAsync(mesh));
    }

    private static async Task MoreAsync(Traffic traffic)
    {
        var sent = traffic.Sent;
        await Wait.UntilAsync(() => traffic.Sent > sent + 50, "there is traffic", 30);
    }

    // What sidecars say they have, and then the control plane: nothing of the other domain or root is left anywhere, on the xDS port either.
    private static async Task SettledAsync(Mesh mesh, string domain, string root)
    {
        await Wait.UntilAsync(async () => await AcceptedAsync(mesh) is [var only] && only == domain, $"only {domain} is accepted", 60);
        foreach (var pod in Meshed)
        {
            await Wait.UntilAsync(async () => Names(await mesh.AdminAsync(pod, "config_dump"), domain), $"{pod} knows names of {domain} only", 30);
        }

        await Wait.UntilAsync(async () => await StatusAsync(mesh, "step") == "settled", "all credentials are renewed, and the xDS port has gone over", 120);
        Assert.Equal((domain, root), (await StatusAsync(mesh, "xds_server_trust_domain"), await StatusAsync(mesh, "xds_server")));
        var roots = (await mesh.DebugAsync("certificates"))!["roots"]!.AsArray().Where(one => (bool)one!["xds_trusted"]!).Select(one => (string?)one!["name"]);
        Assert.Equal([root], roots);
    }

    // All but the node's own id, which is that of its bootstrap.
    private static bool Names(string dump, string domain)
    {
        var other = domain == Home ? Away : Home;
        return dump.Contains($"spiffe://{domain}/", StringComparison.Ordinal) && !dump.Contains($"spiffe://{other}/", StringComparison.Ordinal);
    }

    private static async Task<string?> StatusAsync(Mesh mesh, string field) => (string?)(await mesh.DebugAsync("certificates"))?[field];

    private static async Task<string[]> AcceptedAsync(Mesh mesh) => [.. (await mesh.DebugAsync("certificates"))?["trust_domains"]!.AsArray()
        .Where(domain => (bool)domain!["accepted"]!).Select(domain => (string)domain!["name"]!) ?? []];

    private static async Task<string[]> EnvoysAsync(Mesh mesh) => [.. (await mesh.StatusAsync())!["processes"]!.AsArray()
        .Where(process => ((string)process!["name"]!).StartsWith("shop.", StringComparison.Ordinal))
        .Select(process => $"{process!["name"]} {process["pid"]} {process["restarts"]}")];

    private static void Prepare(ManifestFolder config)
    {
        config.Write("roots", Root("root-a", "active", Home));
        config.Write("all",
            MeshConfig(), Namespace(Shop.Namespace),
            Server(Shop.Namespace, "v1", Shop.V1, "echo", Requirements.OldEnvoy), Client(Shop.Namespace, "buyer", "10.244.1.11"),
            Service(Shop.Namespace, "echo-v1", "10.96.1.1", "version: v1", ("v1", Shop.V1)),
            Shop.Routes, Target(Shop.Namespace, "v1", "v1", ["buyer"], Shop.HttpRule, Shop.TcpRule));
    }

    private static string Root(string name, string role, string domain) => $$"""
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshRootCertificate
        metadata: {name: {{name}}, namespace: osm-system}
        spec:
          role: {{role}}
          trustDomain: {{domain}}
          provider: {tresor: {ca: {secretRef: {name: osm-ca-bundle, namespace: osm-system} } } }
        """;
}
