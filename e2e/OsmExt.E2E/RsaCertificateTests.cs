using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>Workloads with RSA keys, on an old and a new Envoy, also while the size of the keys changes.</summary>
public sealed class RsaCertificateTests
{
    private static readonly string[] Meshed = ["v1", "buyer"];

    [MeshFact]
    public async Task Http_and_tcp_pass_with_rsa_keys_and_no_connection_ends_when_their_size_changes()
    {
        await using var mesh = await Mesh.StartAsync(Prepare, "--certificate-key", "rsa");
        var buyer = mesh.Pod("buyer");
        Assert.All(await KeysAsync(mesh), bits => Assert.Equal(2048, bits));
        await using var open = await OpenConnection.OpenAsync(buyer, "echo-v1", "v1");
        await open.SayAsync("at first");
        await using var traffic = new Traffic((buyer, "http://echo-v1:8080/items/1"));

        mesh.Config.Write("config", MeshConfig(keyBits: 3072));
        await Wait.UntilAsync(async () => (await KeysAsync(mesh)).All(bits => bits == 3072), "both have a larger key", 30);

        Assert.Equal("v1 hi", await buyer.LineAsync("echo-v1", 9000, "hi"));
        var answer = await buyer.GetAsync("http://echo-v1:8080/items/1");
        Assert.Contains("URI=spiffe://cluster.local/buyer/shop", (string)answer!["headers"]!["x-forwarded-client-cert"]!, StringComparison.Ordinal);
        await open.SayAsync("at last");
        Assert.Equal([], await traffic.StopAsync());
        Assert.True(traffic.Sent > 0);

        // What the peers signed their handshakes with, as their Envoys counted it.
        Assert.Matches(@"\.ssl\.sigalgs\.rsa_pss_rsae_sha256: [1-9]", await mesh.AdminAsync("v1", "stats?filter=ssl.sigalgs"));
    }

    private static void Prepare(ManifestFolder config)
    {
        config.Write("config", MeshConfig());
        config.Write("all",
            Namespace(Shop.Namespace),
            Server(Shop.Namespace, "v1", Shop.V1, "echo", Requirements.OldEnvoy), Client(Shop.Namespace, "buyer", "10.244.1.11"),
            Service(Shop.Namespace, "echo-v1", "10.96.1.1", "version: v1", ("v1", Shop.V1)),
            Shop.Routes, Target(Shop.Namespace, "v1", "v1", ["buyer"], Shop.HttpRule, Shop.TcpRule));
    }

    private static async Task<int[]> KeysAsync(Mesh mesh)
        => [.. (await Task.WhenAll(Meshed.Select(pod => CertificateAsync(mesh, pod)))).Select(SizeOf)];

    // Of those the sidecar has, the one workloads see; the other is for the control plane.
    private static async Task<X509Certificate2> CertificateAsync(Mesh mesh, string pod)
        => JsonNode.Parse(await mesh.AdminAsync(pod, "config_dump?resource=dynamic_active_secrets"))!["configs"]!.AsArray()
            .Select(config => (string?)config!["secret"]?["tls_certificate"]?["certificate_chain"]?["inline_string"])
            .Where(chain => chain is not null)
            .Select(chain => X509Certificate2.CreateFromPem(chain))
            .Single(certificate => certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) == $"{pod}.shop.cluster.local");

    private static int SizeOf(X509Certificate2 certificate)
    {
        using (certificate)
        {
            using var key = certificate.GetRSAPublicKey();
            return key?.KeySize ?? 0;
        }
    }
}
