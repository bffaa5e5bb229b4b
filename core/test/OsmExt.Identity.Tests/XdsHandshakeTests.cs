using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OsmExt.Identity.Tests;

/// <summary>Real handshakes over loopback, in virtual time.</summary>
public sealed class XdsHandshakeTests : IAsyncLifetime, IDisposable
{
    private readonly TestMesh _mesh = new();
    private readonly TestMesh _foreign;
    private readonly RecordingLogger<XdsServerTls> _log = new();
    private readonly ProxyCertificateVerifier _verifier;
    private readonly XdsServerTls _tls;
    private readonly WebApplication _server;
    private int _requests;

    public XdsHandshakeTests()
    {
        _foreign = new(_mesh.Time);
        _verifier = new(_mesh.Authority.Bundle, _mesh.Time);
        var credentials = new XdsServerCredentials(_mesh.Authority, TestMesh.Day, _mesh.Time, new RecordingLogger<XdsServerCredentials>());
        _tls = new(credentials, _verifier, _log);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_tls.NewKestrelOptions())));
        _server = builder.Build();
        _server.Run(context =>
        {
            Interlocked.Increment(ref _requests);
            return context.Response.WriteAsync(_verifier.Verify(context.Connection.ClientCertificate).Identity?.SpiffeId ?? "nobody");
        });
    }

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose()
    {
        _mesh.Dispose();
        _foreign.Dispose();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_proxy_gets_in_and_is_known(SslProtocols protocol)
    {
        using var credential = TestMesh.Load(_mesh.Authority.Issue(TestMesh.Proxy(), TestMesh.Day));
        Assert.Equal(TestMesh.Proxy().SpiffeId, await AskAsync(credential, protocol));
        Assert.Empty(_log.Entries);
    }

    [Theory]
    [InlineData("none", nameof(ProxyRefusal.NoCertificate), LogLevel.Debug)]
    [InlineData("foreign", nameof(ProxyRefusal.Untrusted), LogLevel.Debug)]
    [InlineData("expired", nameof(ProxyRefusal.Expired), LogLevel.Warning)]
    [InlineData("not yet valid", nameof(ProxyRefusal.NotYetValid), LogLevel.Warning)]
    [InlineData("workload", nameof(ProxyRefusal.NotAProxy), LogLevel.Warning)]
    [InlineData("server", nameof(ProxyRefusal.NotForClients), LogLevel.Warning)]
    [InlineData("two names", nameof(ProxyRefusal.SeveralUris), LogLevel.Warning)]
    public async Task Anybody_else_is_turned_away_in_the_handshake(string kind, string refusal, LogLevel level)
    {
        using var credential = CredentialOf(kind);
        foreach (var protocol in new[] { SslProtocols.Tls12, SslProtocols.Tls13 })
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(credential, protocol));
        }

        Assert.Equal(0, _requests);
        Assert.Equal([level, level], _log.Entries.Select(entry => entry.Level));
        Assert.All(_log.Entries, entry => Assert.Contains($": {refusal} (", entry.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Handshakes_take_no_outdated_protocol_no_renegotiation_and_no_earlier_session()
    {
        var handshake = _tls.NewHandshake();
        Assert.Equal(SslProtocols.Tls12 | SslProtocols.Tls13, handshake.EnabledSslProtocols);
        Assert.False(handshake.AllowRenegotiation || handshake.AllowTlsResume);
        Assert.Equal(SslApplicationProtocol.Http2, Assert.Single(handshake.ApplicationProtocols!));
    }

    [Fact]
    public async Task The_server_certificate_is_the_control_planes_and_rotates_without_a_restart()
    {
        using var credential = TestMesh.Load(_mesh.Authority.Issue(TestMesh.Proxy(), TimeSpan.FromDays(30)));
        var serials = new HashSet<string>(StringComparer.Ordinal);
        for (var handshake = 0; handshake < 6; handshake++)
        {
            await AskAsync(credential, SslProtocols.Tls13, server =>
            {
                serials.Add(server.SerialNumber);
                Assert.True(SubjectAlternativeNames.TryReadUris(server, out var uris));
                Assert.Equal(_mesh.Authority.XdsServer.SpiffeId, Assert.Single(uris));
                Assert.True(server.NotBefore.ToUniversalTime() < _mesh.Now);
                Assert.True(server.NotAfter.ToUniversalTime() - _mesh.Now > TimeSpan.FromHours(8));
            });
            _mesh.Time.Advance(TimeSpan.FromHours(8));
        }

        Assert.InRange(serials.Count, 3, 4);
    }

    private X509Certificate2? CredentialOf(string kind)
    {
        switch (kind)
        {
            case "foreign":
                return TestMesh.Load(_foreign.Authority.Issue(TestMesh.Proxy(), TestMesh.Day));
            case "expired":
                var expired = TestMesh.Load(_mesh.Authority.Issue(TestMesh.Proxy(), TestMesh.Day));
                _mesh.Time.Advance(TestMesh.Day);
                return expired;
            case "not yet valid":
                return new Forger(_mesh.Root, _mesh.Now) { Delay = TimeSpan.FromHours(1) }.Sign();
            case "workload":
                var workload = _mesh.Authority.Issue(TestMesh.Workload(), TestMesh.Day);
                return X509Certificate2.CreateFromPem(workload.ChainPem, TestMesh.Text(workload.PrivateKeyPem));
            case "server":
                return _mesh.Authority.IssueXdsServer(RotationSchedule.For("ads", TestMesh.Day).At(_mesh.Now));
            case "two names":
                return new Forger(_mesh.Root, _mesh.Now) { Uris = [TestMesh.Proxy().SpiffeId, TestMesh.Proxy("other").SpiffeId] }.Sign();
            default:
                return null;
        }
    }

    private async Task<string> AskAsync(X509Certificate2? credential, SslProtocols protocol, Action<X509Certificate2>? inspect = null)
    {
        var address = new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        using var handler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(30) };
        handler.SslOptions = new()
        {
            EnabledSslProtocols = protocol,
            ClientCertificateContext = credential is null ? null : SslStreamCertificateContext.Create(credential, null, offline: true),
            RemoteCertificateValidationCallback = (_, server, _, _) =>
            {
                inspect?.Invoke((X509Certificate2)server!);
                return IsControlPlane((X509Certificate2)server!);
            },
        };
        using var client = new HttpClient(handler)
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        return await client.GetStringAsync(new Uri($"https://localhost:{address.Port}/"));
    }

    // As a proxy's bootstrap has it: our root, and the control plane's SPIFFE id.
    private bool IsControlPlane(X509Certificate2 server)
    {
        using var root = X509Certificate2.CreateFromPem(_mesh.Authority.Bundle.Pem);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = _mesh.Now.UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new(LeafProfile.ServerAuthentication));
        return chain.Build(server)
            && SubjectAlternativeNames.TryReadUris(server, out var uris)
            && uris is [var uri] && string.Equals(uri, "spiffe://cluster.local/ads", StringComparison.Ordinal);
    }
}
