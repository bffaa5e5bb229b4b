namespace OsmExt.E2E;

/// <summary>Who may talk to the control plane, tried with a real Envoy and with openssl from the mesh's node.</summary>
[Collection(nameof(ShopMesh))]
public sealed class XdsIdentityTests(Shop shop)
{
    private Mesh Mesh => shop.Mesh;

    [MeshFact]
    public async Task An_envoy_that_gives_the_name_of_another_pod_gets_nothing()
    {
        var directory = Path.Join(Mesh.State, "runtime", "files", "shop.thief", "proxy");
        var own = await File.ReadAllTextAsync(Path.Join(directory, "bootstrap.yaml"));
        var other = await File.ReadAllTextAsync(Path.Join(Mesh.State, "runtime", "files", "shop.buyer", "proxy", "bootstrap.yaml"));
        var refused = await Mesh.MetricAsync("osm_xds_refused_streams_total");
        using var forged = new TemporaryFile(own.Replace(NodeId(own), NodeId(other), StringComparison.Ordinal));

        var envoy = await Requirements.PathOfAsync(Requirements.Envoy);
        var run = await Shell.InAsync(
            Mesh.Node, "timeout", "3", envoy, "-c", forged.Path, "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning");

        Assert.Equal(124, run.ExitCode);
        // PERMISSION_DENIED, in Envoy's own words.
        Assert.Contains("gRPC config stream to osm-controller closed: 7", run.Error, StringComparison.Ordinal);
        Assert.True(await Mesh.MetricAsync("osm_xds_refused_streams_total") > refused);
        Assert.Single((await Mesh.DebugAsync("proxies/shop/buyer"))!.AsArray());
    }

    [MeshFact]
    public async Task Without_a_certificate_of_the_mesh_the_port_is_closed()
    {
        using var foreign = new ForeignCertificate();
        string[] handshake =
            ["5", "openssl", "s_client", "-connect", "169.254.77.1:15128", "-servername", "ads.cluster.local", "-alpn", "h2", "-ign_eof"];

        foreach (var options in (string[][])[[], ["-cert", foreign.Certificate, "-key", foreign.Key]])
        {
            var result = await Shell.InAsync(Mesh.Node, "timeout", [.. handshake, .. options]);
            Assert.NotEqual(124, result.ExitCode);
            Assert.Matches("alert|errno=104|unexpected eof", result.Error);
        }
    }

    private static string NodeId(string bootstrap)
        => bootstrap.Split('\n').Select(line => line.Trim()).First(line => line.StartsWith("id: ", StringComparison.Ordinal));
}
