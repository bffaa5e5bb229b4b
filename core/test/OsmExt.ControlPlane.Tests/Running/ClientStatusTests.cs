using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Envoy.Service.Status.V3;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using OsmExt.Envoy;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>What proxies have, by the client status discovery service: who is told of whom, and that keys are not.</summary>
public sealed class ClientStatusTests : IAsyncLifetime, IDisposable
{
    private readonly MeshDirectory _mesh = new();
    private readonly List<TestProxy> _proxies = [];
    private RunningControlPlane _plane = null!;

    public async Task InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync(_mesh, configure: options => options.StatusReaders = ["shop/buyer"]);
        foreach (var (pod, variant) in new[] { (Shop.Store1, "delta"), (Shop.Store2, "sotw"), (Shop.Buyer, "delta") })
        {
            _proxies.Add(await _plane.ConnectAsync(pod, variant));
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }

        await _plane.DisposeAsync();
    }

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public async Task A_proxy_is_told_of_itself_and_who_may_read_of_all()
    {
        Assert.Equal([Shop.Store1], ProxiesOf(await AskAsync(Shop.Store1)));
        Assert.Equal([Shop.Buyer, Shop.Store1, Shop.Store2], ProxiesOf(await AskAsync(Shop.Buyer)));
        Assert.Empty(ProxiesOf(await AskAsync(Shop.Thief)));

        // Naming others helps nobody.
        Assert.Equal([Shop.Store1], ProxiesOf(await AskAsync(Shop.Store1, "shop/")));
        Assert.Equal([Shop.Store1, Shop.Store2], ProxiesOf(await AskAsync(Shop.Buyer, "shop/store")));
    }

    [Fact]
    public async Task A_certificate_that_no_pod_belongs_to_is_told_nothing()
    {
        var identity = new ProxyIdentity(new Guid("0d5fa7de-9ec4-4e65-94a1-7c1c5ccd1b4f"), new("cluster.local", "shop", "buyer"));
        var refused = await Assert.ThrowsAsync<RpcException>(() => AskAsync(_plane.CertificateOf(identity), new()));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
    }

    [Fact]
    public async Task Everything_a_settled_proxy_has_is_in_sync_and_secrets_have_no_content()
    {
        var status = await AskAsync(Shop.Buyer, "shop/store-1");
        var resources = Assert.Single(status.Config).GenericXdsConfigs;
        Assert.All(resources, resource => Assert.Equal(ConfigStatus.Synced, resource.ConfigStatus));
        Assert.Contains(resources, resource => resource is { TypeUrl: TypeUrls.Secret, Name: "service-cert:shop/store", XdsConfig: null });
        Assert.Contains(resources, resource => resource is { TypeUrl: TypeUrls.Listener, XdsConfig: not null });
        var bytes = Encoding.Latin1.GetString(status.ToByteArray());
        Assert.DoesNotContain("PRIVATE KEY", bytes, StringComparison.Ordinal);
        Assert.DoesNotContain("BEGIN", bytes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_the_debug_port_it_is_answered_as_JSON_and_on_no_other()
    {
        var (status, text) = await PostAsync("""{"node_matchers": [{"node_id": {"exact": "shop/store-1"}}]}""");
        Assert.Equal(HttpStatusCode.OK, status);
        var config = Assert.Single(JsonNode.Parse(text)!["config"]!.AsArray())!;
        Assert.Equal(Shop.Store1, $"{config["node"]!["metadata"]!["proxy"]}");
        Assert.Contains(config["generic_xds_configs"]!.AsArray(), resource => $"{resource!["name"]} {resource["config_status"]}" == "service-cert:shop/store SYNCED");
        Assert.DoesNotContain("BEGIN", text, StringComparison.Ordinal);

        Assert.Equal(3, JsonNode.Parse((await PostAsync("{}")).Text)!["config"]!.AsArray().Count);
        (status, text) = await PostAsync("""{"node_matcher": []}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("did you mean 'node_matchers'?", text, StringComparison.Ordinal);
        using var elsewhere = await _plane.HttpAsync("/v3/discovery:client_status");
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
    }

    private static IEnumerable<string> ProxiesOf(ClientStatusResponse status)
        => status.Config.Select(config => config.Node.Metadata.Fields["proxy"].StringValue).Order(StringComparer.Ordinal);

    private async Task<ClientStatusResponse> AskAsync(string pod, string? prefix = null)
    {
        var request = new ClientStatusRequest();
        if (prefix is not null)
        {
            request.NodeMatchers.Add(new global::Envoy.Type.Matcher.V3.NodeMatcher { NodeId = new() { Prefix = prefix } });
        }

        return await AskAsync(_plane.CertificateOf(_plane.IdentityOf(pod)), request);
    }

    private async Task<ClientStatusResponse> AskAsync(X509Certificate2 certificate, ClientStatusRequest request)
    {
        var authority = _plane.Get<CertificateAuthority>();
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(authority.XdsBundle.Pem);
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(_plane.XdsAddress.Host, _plane.XdsAddress.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
                CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
            },
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        using var channel = GrpcChannel.ForAddress(new UriBuilder(_plane.XdsAddress) { Host = authority.XdsServer.DnsName }.Uri, new() { HttpHandler = handler });
        return await new ClientStatusDiscoveryService.ClientStatusDiscoveryServiceClient(channel).FetchClientStatusAsync(request);
    }

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(string body)
    {
        using var response = await _plane.DebugPostAsync("/v3/discovery:client_status", body);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
