using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Microsoft.AspNetCore.Http;
using OsmExt.DataPlane.Tests.Mesh;
using OsmExt.DataPlane.Upstream;
using OsmExt.Simulation.Tls;

namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>Mutual TLS as Envoy does it: who gets in by which certificate, and what those behind are told of it, over HTTP/1.1, HTTP/2, gRPC and TCP.</summary>
public class IdentityAgreementTests
{
    private const string Friend = "spiffe://cluster.local/friend/shop";

    public static TheoryData<string> Versions => [.. Envoys.Versions];

    [EnvoyTheory]
    [MemberData(nameof(Versions))]
    public async Task Who_is_let_in_and_what_is_said_of_it_is_as_with_Envoy(string version)
    {
        using var authority = new TestAuthority();
        using var stranger = new TestAuthority("another root");
        await using var web = await TestServer.HttpAsync(context => context.Response.WriteAsync(context.Request.Headers["x-forwarded-client-cert"].ToString()));
        await using var echo = await TestServer.TcpAsync(TestServer.Echo);
        var (chain, key) = authority.Issue("spiffe://cluster.local/server/shop", "server.shop");
        using var root = X509Certificate2.CreateFromPem(authority.RootPem);
        using var own = X509Certificate2.CreateFromPem(chain, key);
        await using var both = await BothDataPlanes.StartAsync(version,
            [Secured(OneProxy.Http("- {match: {prefix: /}, route: {cluster: web}}", Manager, Guard), "http", chain, key, authority.RootPem),
                Secured(OneProxy.Tcp("cluster: echo", NetworkGuard), "tcp", chain, key, authority.RootPem)],
            [(Cluster)OneProxy.Cluster("web", "", web.Address).Message, (Cluster)OneProxy.Cluster("echo", "", echo.Address).Message],
            CertificateNames.Of(own));
        (string Who, (string Chain, string Key)? Shown)[] clients =
        [
            ("the friend", authority.Issue(Friend, "friend.shop")),
            ("somebody else", authority.Issue("spiffe://cluster.local/other/shop")),
            ("a friend's name with more to it", authority.Issue(Friend + "/x")),
            ("the friend, expired", authority.Issue(Friend, from: new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), to: new(2026, 2, 1, 0, 0, 0, TimeSpan.Zero))),
            ("the friend, not yet", authority.Issue(Friend, from: new(2060, 1, 1, 0, 0, 0, TimeSpan.Zero), to: new(2061, 2, 1, 0, 0, 0, TimeSpan.Zero))),
            ("a stranger's friend", stranger.Issue(Friend)),
            ("nobody", null),
        ];
        var letIn = 0;
        foreach (var (who, shown) in clients)
        {
            foreach (var protocol in Enum.GetValues<Spoken>())
            {
                var (there, here) = await both.AskAsync(protocol == Spoken.Tcp ? "tcp" : "http",
                    port => protocol == Spoken.Tcp ? SayAsync(port, shown, root) : AskAsync(port, shown, root, protocol));
                Assert.True(there == here, $"{who} over {protocol}: Envoy {there}, here {here}");
                letIn += there.StartsWith("200  ", StringComparison.Ordinal) || there == "said" ? 1 : 0;
            }
        }

        Assert.True(letIn == 4, $"only the friend, in each of four ways, is let in, and not {letIn}");
    }

    private enum Spoken
    {
        Http1,
        Http2,
        Grpc,
        Tcp,
    }

    private const string Manager = "forward_client_cert_details: SANITIZE_SET\nset_current_client_cert_details: {subject: true, uri: true, dns: true}";

    private const string Rules = $$"""rules: {action: ALLOW, policies: {friends: {permissions: [{any: true}], principals: [{authenticated: {principal_name: {exact: "{{Friend}}"} } }]} } }""";

    private const string Guard = $$"""- {name: rbac, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC, {{Rules}} } }""";

    private const string NetworkGuard = $$"""- {name: rbac, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC, stat_prefix: x, {{Rules}} } }""";

    private static Listener Secured(OsmExt.Envoy.XdsResource plain, string name, string chain, string key, string root)
    {
        var listener = ((Listener)plain.Message).Clone();
        listener.Name = name;
        var context = new global::Envoy.Extensions.TransportSockets.Tls.V3.DownstreamTlsContext
        {
            RequireClientCertificate = true,
            CommonTlsContext = new()
            {
                AlpnProtocols = { "h2", "http/1.1" },
                TlsCertificates = { new global::Envoy.Extensions.TransportSockets.Tls.V3.TlsCertificate { CertificateChain = new() { InlineString = chain }, PrivateKey = new() { InlineString = key } } },
                ValidationContext = new() { TrustedCa = new() { InlineString = root } },
            },
        };
        listener.FilterChains[0].TransportSocket = new() { Name = "tls", TypedConfig = Google.Protobuf.WellKnownTypes.Any.Pack(context) };
        return listener;
    }

    private static async Task<string> AskAsync(int port, (string Chain, string Key)? shown, X509Certificate2 root, Spoken protocol)
    {
        using var handler = new SocketsHttpHandler { SslOptions = Options(shown, root), ConnectCallback = async (_, stop) => await new SocketDialer().DialAsync(new(IPAddress.Loopback, port), stop) };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://server.shop/x")
        {
            Version = protocol == Spoken.Http1 ? HttpVersion.Version11 : HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([]),
        };
        request.Headers.TryAddWithoutValidation("x-forwarded-client-cert", $"By=me;URI={Friend}");
        if (protocol == Spoken.Grpc)
        {
            request.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
        }

        try
        {
            using var answer = await client.SendAsync(request);
            var grpc = answer.Headers.TryGetValues("grpc-status", out var status) ? string.Join(',', status) : "";
            return $"{(int)answer.StatusCode} {grpc} {await answer.Content.ReadAsStringAsync()}";
        }
        catch (HttpRequestException)
        {
            return "closed";
        }
    }

    private static async Task<string> SayAsync(int port, (string Chain, string Key)? shown, X509Certificate2 root)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await using var tls = new SslStream(socket.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(Options(shown, root));
            await tls.WriteAsync("said"u8.ToArray());
            var buffer = new byte[4];
            await tls.ReadExactlyAsync(buffer);
            return Encoding.ASCII.GetString(buffer);
        }
        catch (Exception failure) when (failure is IOException or AuthenticationException)
        {
            return "closed";
        }
    }

    private static SslClientAuthenticationOptions Options((string Chain, string Key)? shown, X509Certificate2 root) => new()
    {
        TargetHost = "server.shop",
        CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { root }, RevocationMode = X509RevocationMode.NoCheck },
        ClientCertificateContext = shown is { } pem ? SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(pem.Chain, pem.Key), null, offline: true) : null,
    };
}
