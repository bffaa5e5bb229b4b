using System.Text;
using System.Text.Json.Nodes;

namespace OsmExt.E2E;

/// <summary>A sidecar's ports from outside the mesh: without TLS, and with certificates that are not the mesh's.</summary>
[Collection(nameof(ShopMesh))]
public sealed class PlaintextTests(Shop shop)
{
    private Mesh Mesh => shop.Mesh;

    [MeshTheory]
    [InlineData(8080)]
    [InlineData(8081)]
    [InlineData(9000)]
    [InlineData(9001)]
    [InlineData(15003)]
    public async Task Plaintext_gets_no_byte_from_an_application(int port)
    {
        foreach (var from in (PodNetwork[])[Mesh.Pod("stranger", "outside"), Mesh.Node])
        {
            foreach (var address in (string[])[Shop.V1, Shop.V2])
            {
                Assert.Equal("", await from.LineAsync(address, port, "GET /items/1 HTTP/1.0\r\n\r"));
            }
        }
    }

    [MeshFact]
    public async Task Plaintext_through_a_service_is_refused_as_well()
    {
        Assert.Equal(0, await Mesh.Pod("stranger", "outside").StatusAsync("http://echo-v1.shop:8080/items/1"));
        Assert.Equal("", await Mesh.Pod("stranger", "outside").LineAsync("echo-v2.shop", 9000, "hello, hello, hello"));
    }

    [MeshTheory]
    [InlineData("v1", Shop.V1)]
    [InlineData("v2", Shop.V2)]
    public async Task The_certificate_names_the_service_account(string pod, string address)
    {
        var hello = await HandshakeAsync(address, 8080);

        var certificate = await Shell.RunAsync("openssl", ["x509", "-noout", "-ext", "subjectAltName"], hello.Output);
        Assert.Contains($"URI:spiffe://cluster.local/{pod}/shop", certificate.Output, StringComparison.Ordinal);
    }

    [MeshTheory]
    [InlineData(8080)]
    [InlineData(9001)]
    public async Task Without_a_certificate_of_the_mesh_there_is_no_connection(int port)
    {
        using var foreign = new ForeignCertificate();

        foreach (var address in (string[])[Shop.V1, Shop.V2])
        {
            Assert.Contains("alert", (await HandshakeAsync(address, port)).Error, StringComparison.Ordinal);
            var handshake = await HandshakeAsync(address, port, "-cert", foreign.Certificate, "-key", foreign.Key);
            Assert.Contains("alert", handshake.Error, StringComparison.Ordinal);
        }
    }

    [MeshFact]
    public async Task The_credential_a_sidecar_has_for_the_control_plane_opens_no_workload()
    {
        var files = Path.Join(Mesh.State, "runtime", "files", "shop.thief", "proxy");

        var credential = JsonNode.Parse(await File.ReadAllTextAsync(Path.Join(files, "xds-certificate.json")))!["resources"]![0]!["tls_certificate"]!;
        using var certificate = new TemporaryFile((string)credential["certificate_chain"]!["inline_string"]!);
        using var key = new TemporaryFile(Encoding.ASCII.GetString(Convert.FromBase64String((string)credential["private_key"]!["inline_bytes"]!)));

        var handshake = await HandshakeAsync(Shop.V1, 9001, "-cert", certificate.Path, "-key", key.Path);

        Assert.Contains("alert", handshake.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hello from", handshake.Output, StringComparison.Ordinal);
    }

    // Reads until the server ends the connection, as it does after a failed TLS 1.3 handshake, which the client itself takes for complete.
    private Task<ShellResult> HandshakeAsync(string address, int port, params string[] options) => Shell.InAsync(
        Mesh.Pod("stranger", "outside"), "timeout",
        [
            "5", "openssl", "s_client", "-connect", $"{address}:{port}", "-alpn", "osm", "-ign_eof",
            "-servername", $"{(address == Shop.V1 ? "echo-v1" : "echo-v2")}.shop.svc.cluster.local", .. options,
        ]);
}
