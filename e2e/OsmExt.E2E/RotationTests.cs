using System.Text.Json.Nodes;
using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E;

/// <summary>Certificates that live for seconds, so that they are replaced again and again while there is traffic.</summary>
public sealed class RotationTests
{
    private const string Validity = "20s";
    private static readonly string[] Meshed = ["v1", "buyer"];

    [MeshFact]
    public async Task Certificates_are_replaced_before_they_expire_and_no_connection_ends()
    {
        await using var mesh = await Mesh.StartAsync(Prepare, "--shortest-certificate-validity", "0:00:20");
        var buyer = mesh.Pod("buyer");
        await using var open = await OpenConnection.OpenAsync(buyer, "echo-v1", "v1");
        await open.SayAsync("at first");
        await using var traffic = new Traffic((buyer, "http://echo-v1:8080/items/1"));
        var seen = Meshed.ToDictionary(pod => pod, _ => new HashSet<string>(StringComparer.Ordinal));

        // Three of each: the first one has expired by then.
        await Wait.UntilAsync(
            async () =>
            {
                foreach (var pod in Meshed)
                {
                    var (serial, valid) = await CertificateAsync(mesh, pod);
                    seen[pod].Add(serial);
                    Assert.True(valid, $"{pod} has an expired certificate");
                }

                // A new connection each time, so a new handshake.
                Assert.Equal("v1 hi", await buyer.LineAsync("echo-v1", 9000, "hi"));
                return seen.Values.All(serials => serials.Count >= 3);
            },
            "both have had three certificates",
            60);

        await open.SayAsync("at last");
        Assert.Equal([], await traffic.StopAsync());
        Assert.True(traffic.Sent > 500);
    }

    private static void Prepare(ManifestFolder config) => config.Write("all",
        MeshConfig(validity: Validity), Namespace(Shop.Namespace),
        Server(Shop.Namespace, "v1", Shop.V1, "echo", Requirements.OldEnvoy), Client(Shop.Namespace, "buyer", "10.244.1.11"),
        Service(Shop.Namespace, "echo-v1", "10.96.1.1", "version: v1", ("v1", Shop.V1)),
        Shop.Routes, Target(Shop.Namespace, "v1", "v1", ["buyer"], Shop.HttpRule, Shop.TcpRule));

    // Of those the sidecar has, the one workloads see; the other is for the control plane.
    private static async Task<(string Serial, bool Valid)> CertificateAsync(Mesh mesh, string pod)
    {
        var own = JsonNode.Parse(await mesh.AdminAsync(pod, "certs"))!["certificates"]!.AsArray()
            .SelectMany(entry => entry!["cert_chain"]!.AsArray())
            .Where(certificate => certificate!["subject_alt_names"]!.AsArray().Any(IsOwn))
            .OrderBy(certificate => (DateTimeOffset)certificate!["expiration_time"]!).Last();
        return ((string)own!["serial_number"]!, (DateTimeOffset)own["expiration_time"]! > TimeProvider.System.GetUtcNow());

        bool IsOwn(JsonNode? name) => (string?)name!["uri"] == $"spiffe://cluster.local/{pod}/shop";
    }
}
