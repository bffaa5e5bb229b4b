using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using Envoy.Config.Bootstrap.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Service.Discovery.V3;
using OsmExt.Envoy;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;

namespace OsmExt.Cli.Tests;

/// <summary><c>osm bootstrap</c>: what a sidecar starts with.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class BootstrapTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly TempMesh _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public async Task It_is_a_bootstrap_that_Envoy_takes_and_holds_no_secret()
    {
        var run = await BootstrapAsync("--control-plane", "osm-controller.osm-system:15128");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.DoesNotContain("PRIVATE KEY", run.Output, StringComparison.Ordinal);

        var read = EnvoyReader.Read(run.Output, Bootstrap.Descriptor);
        Assert.Empty(read.Problems);
        var bootstrap = (Bootstrap)read.Message!;
        Assert.Empty(EnvoyRules.Check(bootstrap));
        Assert.Matches("^[0-9a-f-]{36}\\.sidecar\\.store\\.shop\\.cluster\\.local$", bootstrap.Node.Id);
        var address = bootstrap.StaticResources.Clusters.Single().LoadAssignment.Endpoints.Single().LbEndpoints.Single().Endpoint.Address.SocketAddress;
        Assert.Equal(("osm-controller.osm-system", 15128u), (address.Address, address.PortValue));
    }

    [Fact]
    public async Task Plugins_add_to_it()
    {
        var plugin = Path.Combine(_mesh.Root, "plugins", "start");
        Directory.CreateDirectory(plugin);
        await File.WriteAllTextAsync(Path.Combine(plugin, "plugin.yaml"), """
            id: start
            version: 1.0.0
            sdk: ">=0.1 <0.2"
            envoy: ">=1.36"
            failure: closed
            capabilities: [write-bootstrap]
            contributions:
            - {name: tag, point: stats-tag, for: Mesh, template: tag.scriban}
            """);
        await File.WriteAllTextAsync(Path.Combine(plugin, "tag.scriban"), "tag_name: team\nfixed_value: {{ proxy.service_account }}\n");
        await File.WriteAllTextAsync(Path.Combine(_mesh.Root, "plugins", "policy.yaml"), "plugins: {start: {grants: [write-bootstrap]}}");

        var run = await BootstrapAsync("--plugins", Path.Combine(_mesh.Root, "plugins"));
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal("team", Assert.Single(((Bootstrap)EnvoyReader.Read(run.Output, Bootstrap.Descriptor).Message!).StatsConfig.StatsTags).TagName);

        await File.WriteAllTextAsync(Path.Combine(plugin, "tag.scriban"), "tag_name: envoy.team\nfixed_value: x\n");
        var failed = await BootstrapAsync("--plugins", Path.Combine(_mesh.Root, "plugins"));
        Assert.Equal((2, ""), (failed.ExitCode, failed.Output));
        Assert.Contains("OSM4005", failed.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_credentials_it_names_let_the_proxy_in_and_only_their_owner_reads_them()
    {
        var run = await BootstrapAsync();
        var folder = Path.Combine(_mesh.State, "proxies", "shop", "store");
        var files = Directory.GetFiles(folder);

        Assert.Equal(2, files.Length);
        Assert.All(files, file => Assert.Contains(file, run.Output, StringComparison.Ordinal));
        Assert.All(files, file => Assert.Equal(OwnerOnly, File.GetUnixFileMode(file)));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));

        var verifier = new ProxyCertificateVerifier(new TrustBundle("cluster.local", [await File.ReadAllTextAsync(Path.Combine(_mesh.State, "ca",
            "root.crt"))]), TimeProvider.System);
        var credential = SecretIn(folder, "xds-certificate").TlsCertificate;
        using var certificate = X509Certificate2.CreateFromPem(credential.CertificateChain.InlineString, credential.PrivateKey.InlineBytes.ToStringUtf8());
        var trust = SecretIn(folder, "xds-trust").ValidationContext;
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(_mesh.State, "ca", "root.crt")), trust.TrustedCa.InlineString);
        Assert.Equal("spiffe://cluster.local/ads", Assert.Single(trust.MatchTypedSubjectAltNames).Matcher.Exact);
        Assert.Contains(verifier.Verify(certificate).Identity!.NodeId, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_pod_keeps_its_id_and_gets_a_new_key()
    {
        var folder = Path.Combine(_mesh.Root, "credentials");
        var first = await BootstrapAsync("--credentials", folder);
        var key = SecretIn(folder, "xds-certificate").TlsCertificate.PrivateKey;
        var second = await BootstrapAsync("--credentials", folder);

        Assert.Equal(first.Output, second.Output);
        Assert.NotEqual(key, SecretIn(folder, "xds-certificate").TlsCertificate.PrivateKey);
        Assert.Equal(2, Directory.GetFiles(folder).Length);
    }

    [Fact]
    public async Task A_pod_that_is_not_there_makes_nothing()
    {
        var run = await Osm.RunAsync("bootstrap", "--config", _mesh.Manifests, "--state", _mesh.State, "--proxy", "shop/stor");

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("did you mean shop/store?", run.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_mesh.State));
    }

    [Fact]
    public async Task A_service_account_that_no_certificate_can_name_is_refused()
    {
        _mesh.Write("buyer.yaml", (await File.ReadAllTextAsync(_mesh.PathOf("buyer.yaml"))).Replace("serviceAccountName: buyer",
            "serviceAccountName: Bad_Name", StringComparison.Ordinal));

        var run = await Osm.RunAsync("bootstrap", "--config", _mesh.Manifests, "--state", _mesh.State, "--proxy", "shop/buyer");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("Bad_Name", run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task A_root_that_others_may_read_is_refused()
    {
        await BootstrapAsync();
        File.SetUnixFileMode(Path.Combine(_mesh.State, "ca", "root.key"), OwnerOnly | UnixFileMode.OtherRead);

        var run = await BootstrapAsync();
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("chmod 600", run.Errors, StringComparison.Ordinal);
    }

    // As Envoy reads the file.
    private static Secret SecretIn(string folder, string name)
    {
        var read = EnvoyReader.Read(File.ReadAllText(Path.Combine(folder, $"{name}.json")), DiscoveryResponse.Descriptor);
        Assert.Empty(read.Problems);
        var secret = ((DiscoveryResponse)read.Message!).Resources.Single().Unpack<Secret>();
        Assert.Empty(EnvoyRules.Check(secret));
        Assert.Equal(name, secret.Name);
        return secret;
    }

    private Task<Finished> BootstrapAsync(params string[] arguments)
        => Osm.RunAsync(["bootstrap", "--config", _mesh.Manifests, "--state", _mesh.State, "--proxy", "shop/store", .. arguments]);
}
