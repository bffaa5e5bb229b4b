using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>The mesh's root is replaced, and replaced back, by manifests alone and while there is traffic.</summary>
public sealed class RootRotationTests
{
    private static readonly string[] Meshed = ["v1", "buyer"];

    [MeshFact]
    public async Task A_root_is_replaced_and_rolled_back_and_no_request_fails()
    {
        await using var mesh = await Mesh.StartAsync(Prepare);
        await SettledAsync(mesh, "root-a");
        var buyer = mesh.Pod("buyer");
        await using var open = await OpenConnection.OpenAsync(buyer, "echo-v1", "v1");
        await open.SayAsync("at first");
        await using var traffic = new Traffic((buyer, "http://echo-v1:8080/items/1"));

        // As the documentation says: one step after the other, with traffic in each.
        await MoreAsync(traffic);
        mesh.Config.Write("roots", Root("root-a", "active"), Root("root-b", "passive"));
        await Wait.UntilAsync(async () => await TrustAsync(mesh) is ["root-a", "root-b"], "both roots are believed", 30);
        await MoreAsync(traffic);
        mesh.Config.Write("roots", Root("root-a", "passive"), Root("root-b", "active"));
        await Wait.UntilAsync(async () => (string?)(await mesh.DebugAsync("certificates"))?["signing"] == "root-b", "the new root signs", 30);
        await MoreAsync(traffic);
        mesh.Config.Write("roots", Root("root-b", "active"));
        await SettledAsync(mesh, "root-b");
        Assert.Equal("v1 hi", await buyer.LineAsync("echo-v1", 9000, "hi"));
        await MoreAsync(traffic);

        // In a hurry, and back: the mesh takes the same steps by itself.
        mesh.Config.Write("roots", Root("root-a", "active"));
        await SettledAsync(mesh, "root-a");
        Assert.Equal("v1 hi", await buyer.LineAsync("echo-v1", 9000, "hi"));
        await MoreAsync(traffic);

        await open.SayAsync("at last");
        Assert.Equal([], await traffic.StopAsync());
    }

    private static async Task MoreAsync(Traffic traffic)
    {
        var sent = traffic.Sent;
        await Wait.UntilAsync(() => traffic.Sent > sent + 50, "there is traffic", 30);
    }

    // What sidecars say they have, and not what the control plane says: the only root they believe, and who issued what they present.
    private static async Task SettledAsync(Mesh mesh, string root)
    {
        await Wait.UntilAsync(async () => await TrustAsync(mesh) is [var only] && only == root, $"only {root} is believed", 60);
        var pem = await File.ReadAllTextAsync(Path.Join(mesh.State, "control-plane", "roots", root, "ca", "root.crt"));
        foreach (var pod in Meshed)
        {
            await Wait.UntilAsync(
                async () => HasOnly(await mesh.AdminAsync(pod, "config_dump?resource=dynamic_active_secrets"), pem), $"{pod} has {root} only", 30);
        }
    }

    private static bool HasOnly(string dump, string pem)
    {
        if (dump.Length == 0)
        {
            return false;
        }

        using var root = X509Certificate2.CreateFromPem(pem);
        var secrets = JsonNode.Parse(dump)!["configs"]!.AsArray().Select(config => config!["secret"]!).ToArray();
        var bundles = secrets.Select(secret => Inline(secret["validation_context"]?["trusted_ca"])).OfType<string>().ToArray();
        var leaves = secrets.Select(secret => Inline(secret["tls_certificate"]?["certificate_chain"])).OfType<string>().ToArray();
        return bundles.Length > 0 && leaves.Length > 0 && bundles.All(bundle => bundle == pem) && leaves.All(leaf => IsIssuedBy(root, leaf));
    }

    private static string? Inline(JsonNode? source) => (string?)source?["inline_string"]
        ?? ((string?)source?["inline_bytes"] is { } bytes ? System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(bytes)) : null);

    private static bool IsIssuedBy(X509Certificate2 root, string pem)
    {
        using var leaf = X509Certificate2.CreateFromPem(pem);
        using var chain = new X509Chain();
        (chain.ChainPolicy.TrustMode, chain.ChainPolicy.RevocationMode) = (X509ChainTrustMode.CustomRootTrust, X509RevocationMode.NoCheck);
        chain.ChainPolicy.CustomTrustStore.Add(root);
        return chain.Build(leaf);
    }

    private static async Task<string[]> TrustAsync(Mesh mesh) => [.. (await mesh.DebugAsync("certificates"))?["roots"]!.AsArray()
        .Where(root => (bool)root!["trusted"]!).Select(root => (string)root!["name"]!) ?? []];

    private static void Prepare(ManifestFolder config)
    {
        config.Write("roots", Root("root-a", "active"));
        config.Write("all",
            MeshConfig(), Namespace(Shop.Namespace),
            Server(Shop.Namespace, "v1", Shop.V1, "echo", Requirements.OldEnvoy), Client(Shop.Namespace, "buyer", "10.244.1.11"),
            Service(Shop.Namespace, "echo-v1", "10.96.1.1", "version: v1", ("v1", Shop.V1)),
            Shop.Routes, Target(Shop.Namespace, "v1", "v1", ["buyer"], Shop.HttpRule, Shop.TcpRule));
    }

    private static string Root(string name, string role) => $$"""
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshRootCertificate
        metadata: {name: {{name}}, namespace: osm-system}
        spec:
          role: {{role}}
          trustDomain: cluster.local
          provider: {tresor: {ca: {secretRef: {name: osm-ca-bundle, namespace: osm-system} } } }
        """;
}
