using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;

namespace OsmExt.ControlPlane.Tests.Attacks;

/// <summary>
/// Whoever has no proxy certificate of this mesh that is valid now gets not one byte from the xDS port after the handshake, not even
/// HTTP/2's greeting, whatever it says. The certificates are signed with the mesh's own root where that makes them more credible.
/// </summary>
public sealed class TlsMatrixTests : IDisposable
{
    private static readonly byte[] Preface = Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly MeshDirectory _mesh = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        _key.Dispose();
        _mesh.Dispose();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Only_a_proxy_certificate_of_this_mesh_that_is_valid_now_is_answered(SslProtocols protocol)
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        var buyer = plane.IdentityOf(Shop.Buyer);
        using var root = new RootCertificate(X509Certificate2.CreateFromPemFile(Path.Join(_mesh.State, "ca", "root.crt"), Path.Join(_mesh.State, "ca", "root.key")));
        using var foreign = RootCertificate.Create(Now);
        var valid = Issue(root, LeafProfile.For(buyer), Now.AddMinutes(-5), Now.AddHours(1));
        var refused = new (string What, X509Certificate2? Certificate)[]
        {
            ("none", null),
            ("another authority's", Issue(foreign, LeafProfile.For(buyer), Now.AddMinutes(-5), Now.AddHours(1))),
            ("signed by itself", LeafProfile.For(buyer).ToRequest(_key).CreateSelfSigned(Now.AddMinutes(-5), Now.AddHours(1))),
            ("expired", Issue(root, LeafProfile.For(buyer), Now.AddHours(-2), Now.AddMinutes(-1))),
            ("not valid yet", Issue(root, LeafProfile.For(buyer), Now.AddMinutes(30), Now.AddHours(1))),
            ("for servers", Issue(root, LeafProfile.For(new XdsServerIdentity("cluster.local")), Now.AddMinutes(-5), Now.AddHours(1))),
            ("a workload's", Issue(root, LeafProfile.For(buyer.Workload), Now.AddMinutes(-5), Now.AddHours(1))),
            ("an outsider's", Issue(root, LeafProfile.ForOutsider(null, ["buyer.example"], isClient: true, isServer: false), Now.AddMinutes(-5), Now.AddHours(1))),
            ("without any use", Sign(root, NewRequest(buyer.SpiffeId, []))),
            ("for code", Sign(root, NewRequest(buyer.SpiffeId, ["1.3.6.1.5.5.7.3.3"]))),
            ("of two identities", Sign(root, NewRequest(buyer.SpiffeId, [LeafProfile.ClientAuthentication], plane.IdentityOf(Shop.Store1).SpiffeId))),
            ("of another trust domain", Sign(root, NewRequest(buyer.SpiffeId.Replace("cluster.local", "elsewhere.example", StringComparison.Ordinal), [LeafProfile.ClientAuthentication]))),
            ("signed by a proxy", SignedBy(valid, buyer.SpiffeId)),
        };
        foreach (var (what, certificate) in refused)
        {
            Assert.Equal((what, 0), (what, await AnswerAsync(plane, protocol, certificate)));
        }

        // The same bytes over the same handshake are answered when the certificate is right.
        Assert.True(await AnswerAsync(plane, protocol, valid) > 0);
        Assert.Equal(0, await plane.MetricAsync("osm_xds_requests_total"));
    }

    [Fact]
    public async Task Plaintext_and_old_protocols_are_not_answered()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        using var client = new TcpClient();
        await client.ConnectAsync(plane.XdsAddress.Host, plane.XdsAddress.Port);
        await client.GetStream().WriteAsync(Preface);
        using var all = new MemoryStream();
        await ReadToEndAsync(client.GetStream(), all);
        Assert.DoesNotContain("HTTP", Encoding.ASCII.GetString(all.ToArray()), StringComparison.Ordinal);

        // At most a TLS alert: seven bytes.
        Assert.InRange(all.Length, 0, 7);
#pragma warning disable SYSLIB0039, CA5397 // Whether they are refused is the question.
        Assert.Equal(0, await AnswerAsync(plane, SslProtocols.Tls11, plane.CertificateOf(plane.IdentityOf(Shop.Buyer))));
#pragma warning restore SYSLIB0039, CA5397
    }

    /// <summary>How many bytes the server says to a client that greets it and asks for nothing.</summary>
    private static async Task<int> AnswerAsync(RunningControlPlane plane, SslProtocols protocol, X509Certificate2? certificate)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(plane.XdsAddress.Host, plane.XdsAddress.Port);
        await using var tls = new SslStream(client.GetStream());
        using var heard = new MemoryStream();
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = plane.Get<CertificateAuthority>().XdsServer.DnsName,
                EnabledSslProtocols = protocol,
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate!,
#pragma warning disable CA5359 // An attacker minds no server's certificate.
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
            }).WaitAsync(Wait.Bound);
            await tls.WriteAsync(Preface);
            await ReadToEndAsync(tls, heard, until: 1);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or SocketException)
        {
            // That is the refusal.
        }

        return (int)heard.Length;
    }

    private static async Task ReadToEndAsync(Stream from, MemoryStream into, int until = int.MaxValue)
    {
        var buffer = new byte[4096];
        try
        {
            while (into.Length < until && await from.ReadAsync(buffer).AsTask().WaitAsync(Wait.Bound) is > 0 and var count)
            {
                into.Write(buffer, 0, count);
            }
        }
        catch (IOException)
        {
            // Ended by an alert or a reset.
        }
    }

    private X509Certificate2 Issue(RootCertificate root, LeafProfile profile, DateTimeOffset from, DateTimeOffset until)
    {
        using var certificate = root.Sign(profile.ToRequest(_key), new ValidityWindow(from, until));
        return WithKey(certificate);
    }

    private X509Certificate2 Sign(RootCertificate root, CertificateRequest request)
    {
        using var certificate = root.Sign(request, new ValidityWindow(Now.AddMinutes(-5), Now.AddHours(1)));
        return WithKey(certificate);
    }

    // A proxy's certificate may sign nothing, but it has a key.
    private X509Certificate2 SignedBy(X509Certificate2 proxy, string spiffeId)
    {
        using var key = proxy.GetECDsaPrivateKey()!;
        using var certificate = NewRequest(spiffeId, [LeafProfile.ClientAuthentication])
            .Create(proxy.SubjectName, X509SignatureGenerator.CreateForECDsa(key), Now.AddMinutes(-5), Now.AddMinutes(50), [1, 2, 3]);
        return WithKey(certificate);
    }

    private X509Certificate2 WithKey(X509Certificate2 certificate)
    {
        using var both = certificate.CopyWithPrivateKey(_key);

        // Through PKCS#12, since TLS wants a key that is not an object of this process only on some platforms.
        return X509CertificateLoader.LoadPkcs12(both.Export(X509ContentType.Pkcs12), null);
    }

    private CertificateRequest NewRequest(string spiffeId, string[] uses, params string[] more)
    {
        var request = new CertificateRequest("CN=proxy", _key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in more.Prepend(spiffeId))
        {
            names.AddUri(new Uri(name));
        }

        request.CertificateExtensions.Add(names.Build());
        if (uses.Length > 0)
        {
            var oids = new OidCollection();
            Array.ForEach(uses, use => oids.Add(new Oid(use)));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(oids, critical: false));
        }

        return request;
    }
}
