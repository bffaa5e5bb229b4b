using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using OsmExt.Cli.Agent;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;

namespace OsmExt.Cli.Tests.Agent;

/// <summary>Whom an agent gives its pod's token to.</summary>
public sealed class IssuerClientTests : IDisposable
{
    private static readonly string[] Names = ["localhost"];
    private readonly RootCertificate _root = RootCertificate.Create(TimeProvider.System.GetUtcNow());
    private readonly CertificateAuthority _authority;

    public IssuerClientTests() => _authority = new(_root, "cluster.local", TimeProvider.System);

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task The_control_plane_is_told_the_token()
    {
        var epoch = RotationSchedule.For("test", TimeSpan.FromHours(1)).At(TimeProvider.System.GetUtcNow());
        using var certificate = _authority.IssueXdsServer(epoch, Names);
        Assert.Contains("Bearer secret", await HeardAsync(certificate, _root.Pem), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workload_or_gateway_with_the_right_dns_name_is_not()
    {
        var epoch = RotationSchedule.For("test", TimeSpan.FromHours(1)).At(TimeProvider.System.GetUtcNow());
        var outsider = _authority.IssueOutsider(null, Names, isClient: false, isServer: true, epoch);
        using var gateway = X509Certificate2.CreateFromPem(outsider.ChainPem, Encoding.ASCII.GetString(outsider.PrivateKeyPem.Reveal().Span));
        Assert.Equal("", await HeardAsync(gateway, _root.Pem));

        var both = _authority.IssueOutsider(new WorkloadIdentity("cluster.local", "shop", "ads"), Names, isClient: true, isServer: true, epoch);
        using var workload = X509Certificate2.CreateFromPem(both.ChainPem, Encoding.ASCII.GetString(both.PrivateKeyPem.Reveal().Span));
        Assert.Equal("", await HeardAsync(workload, _root.Pem));
    }

    [Fact]
    public async Task Another_root_s_control_plane_is_not_and_another_name_is_not()
    {
        using var other = RootCertificate.Create(TimeProvider.System.GetUtcNow());
        var epoch = RotationSchedule.For("test", TimeSpan.FromHours(1)).At(TimeProvider.System.GetUtcNow());
        using var certificate = _authority.IssueXdsServer(epoch, Names);
        Assert.Equal("", await HeardAsync(certificate, other.Pem));
        using var named = _authority.IssueXdsServer(epoch, "osm-injector.elsewhere.svc");
        Assert.Equal("", await HeardAsync(named, _root.Pem));
    }

    // What a server with that certificate hears from an agent with those roots.
    private static async Task<string> HeardAsync(X509Certificate2 certificate, string roots)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var heard = HearAsync(listener, certificate);
        using var client = new IssuerClient(new()
        {
            Controller = new("localhost", 1), Issuer = new("localhost", port), Roots = roots, TokenFile = "", Directory = "", Probes = "",
        });
        await Assert.ThrowsAsync<HttpRequestException>(() => client.AskAsync("secret", CancellationToken.None));
        return await heard;
    }

    private static async Task<string> HearAsync(TcpListener listener, X509Certificate2 certificate)
    {
        using var connection = await listener.AcceptTcpClientAsync();
        await using var tls = new SslStream(connection.GetStream());
        try
        {
            await tls.AuthenticateAsServerAsync(certificate);
            var buffer = new byte[4096];
            return Encoding.ASCII.GetString(buffer, 0, await tls.ReadAsync(buffer));
        }
        catch (Exception failure) when (failure is IOException or System.Security.Authentication.AuthenticationException)
        {
            return "";
        }
    }
}
