using System.Net;
using OsmExt.Compiler.Translation;
using OsmExt.DataPlane.Bootstraps;
using OsmExt.Envoy;
using OsmExt.Sdk.Identity;

namespace OsmExt.DataPlane.Tests.Bootstraps;

/// <summary>What <c>osm bootstrap</c> prints is read whole, and anything beyond it is refused with its place.</summary>
public class BootstrapReaderTests
{
    private static readonly Guid Uuid = new("4c1a23ad-9b46-4c83-b9f0-52a1a76a1c55");

    private static string Printed => EnvoyJson.ToYaml(BootstrapConfig.Build(
        new ProxyIdentity(Uuid, new WorkloadIdentity("cluster.local", "shop", "buyer")), new DnsEndPoint("osm.example", 15128), new CredentialPaths("/credentials")));

    [Fact]
    public void Everything_in_a_printed_bootstrap_is_understood()
    {
        var (bootstrap, problems) = BootstrapReader.Read(Printed);

        Assert.Empty(problems);
        Assert.StartsWith(Uuid.ToString(), bootstrap!.Node.Id, StringComparison.Ordinal);
        Assert.Equal(("osm.example", 15128), (bootstrap.ControlPlane.Host, bootstrap.ControlPlane.Port));
        Assert.Equal((TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(5)), bootstrap.ControlPlane.Reconnect);
        Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5)), bootstrap.ControlPlane.KeepAlive);
        Assert.Equal("/credentials/xds-certificate.json", bootstrap.ControlPlane.Tls!.Certificate!.Path);
        Assert.Equal("/credentials/xds-trust.json", bootstrap.ControlPlane.Tls.Trust.Path);
        Assert.Equal(BootstrapConfig.MaxRegexProgram, bootstrap.MaxRegexProgram);
        Assert.Equal(50_000, bootstrap.MaxConnections);
        Assert.Equal(IPAddress.Loopback, bootstrap.Admin!.Address);
    }

    [Theory]
    [InlineData("node:", "tracing: {http: {name: x}}\nnode:", "tracing: envoy.config.bootstrap.v3.Bootstrap.tracing is not carried out here")]
    [InlineData("api_type: DELTA_GRPC", "api_type: GRPC", "dynamic_resources.ads_config: must be api_type DELTA_GRPC")]
    [InlineData("lds_config:\n    ads: {}", "lds_config:\n    path_config_source: {path: /x}", "dynamic_resources.lds_config: must be ads")]
    [InlineData("cluster_name: osm-controller\n        retry", "cluster_name: other\n        retry", "static_resources has no cluster other")]
    [InlineData("address: 127.0.0.1", "address: localhost", "admin.address.socket_address.address: localhost is no IP address")]
    [InlineData("re2.max_program_size.error_level:", "other.key:", "layered_runtime.layers[0].static_layer: the runtime key other.key is not carried out here")]
    [InlineData("dynamic_resources:", "dynamic_resource:", "did you mean 'dynamic_resources'?")]
    public void What_is_not_understood_is_named(string before, string after, string problem)
    {
        Assert.Contains(before, Printed, StringComparison.Ordinal);
        var (bootstrap, problems) = BootstrapReader.Read(Printed.Replace(before, after, StringComparison.Ordinal));

        Assert.Null(bootstrap);
        Assert.Contains(problems, text => text.Contains(problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("node: {id: x}")]
    public void A_text_that_is_no_bootstrap_is_said_to_be_none(string text)
    {
        var (bootstrap, problems) = BootstrapReader.Read(text);

        Assert.Null(bootstrap);
        Assert.NotEmpty(problems);
    }
}
