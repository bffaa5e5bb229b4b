using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OsmExt.Sdk.Identity;

namespace OsmExt.Identity.Tests;

public sealed class ProxyCertificateVerifierTests : IDisposable
{
    private readonly TestMesh _mesh = new();
    private readonly ProxyCertificateVerifier _verifier;

    public ProxyCertificateVerifierTests() => _verifier = new(_mesh.Authority.Bundle, _mesh.Time);

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public void A_proxy_credential_is_the_proxy_it_names_from_its_first_instant_to_its_last()
    {
        var issued = _mesh.Authority.Issue(TestMesh.Proxy(), TestMesh.Day);
        using var credential = TestMesh.Load(issued);
        Assert.Equal(TestMesh.Proxy(), _verifier.Verify(credential).Identity);

        _mesh.Time.Advance(TestMesh.Day - TimeSpan.FromSeconds(1));
        Assert.Equal(TestMesh.Proxy(), _verifier.Verify(credential).Identity);
        _mesh.Time.Advance(TimeSpan.FromSeconds(1));
        Refused(ProxyRefusal.Expired, credential);
    }

    [Fact]
    public void A_certificate_is_not_valid_before_its_time()
    {
        using var credential = new Forger(_mesh.Root, _mesh.Now) { Delay = TimeSpan.FromMinutes(6) }.Sign();
        Refused(ProxyRefusal.NotYetValid, credential);
        _mesh.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(_verifier.Verify(credential).IsAccepted);
    }

    [Fact]
    public void No_certificate_and_certificates_of_others_are_refused_whatever_they_say()
    {
        using var foreign = new TestMesh(_mesh.Time);
        using var selfSigned = SelfSigned(TestMesh.Proxy().SpiffeId);
        using var credential = TestMesh.Load(foreign.Authority.Issue(TestMesh.Proxy(), TestMesh.Day));
        Assert.Equal(ProxyRefusal.NoCertificate, _verifier.Verify(null).Refusal);
        Refused(ProxyRefusal.Untrusted, credential);
        Refused(ProxyRefusal.Untrusted, selfSigned);

        // Sending the foreign root along makes nobody trust it.
        using var foreignRoot = X509Certificate2.CreateFromPem(foreign.Root.Pem);
        Assert.Equal(ProxyRefusal.Untrusted, _verifier.Verify(credential, [foreignRoot]).Refusal);

        _mesh.Time.Advance(TestMesh.Day * 2);
        Refused(ProxyRefusal.Untrusted, credential);
    }

    [Fact]
    public void A_tampered_certificate_is_refused()
    {
        using var credential = TestMesh.Load(_mesh.Authority.Issue(TestMesh.Proxy(), TestMesh.Day));
        var raw = credential.RawData;
        var position = raw.AsSpan().IndexOf("bookstore/shop"u8);
        "bookbuyer/shop"u8.CopyTo(raw.AsSpan(position));
        using var tampered = X509CertificateLoader.LoadCertificate(raw);
        Refused(ProxyRefusal.Untrusted, tampered);
    }

    [Fact]
    public void The_roots_own_certificate_and_other_authorities_are_no_proxies()
    {
        using var root = X509Certificate2.CreateFromPem(_mesh.Root.Pem);
        Assert.False(_verifier.Verify(root).IsAccepted);
        Refused(ProxyRefusal.CertificateAuthority, new Forger(_mesh.Root, _mesh.Now) { CertificateAuthority = true });
    }

    [Fact]
    public void A_certificate_signed_by_a_leaf_is_refused()
    {
        using var leaf = new RootCertificate(new Forger(_mesh.Root, _mesh.Now) { CertificateAuthority = true }.Sign());
        using var credential = new Forger(leaf, _mesh.Now).Sign();
        using var intermediate = X509Certificate2.CreateFromPem(leaf.Pem);
        Assert.Equal(ProxyRefusal.Untrusted, _verifier.Verify(credential, [intermediate]).Refusal);
    }

    [Fact]
    public void Only_certificates_that_say_so_may_be_used_by_clients()
    {
        var server = new Forger(_mesh.Root, _mesh.Now) { Usages = [LeafProfile.ServerAuthentication] };
        Refused(ProxyRefusal.NotForClients, server);
        Refused(ProxyRefusal.NotForClients, new Forger(_mesh.Root, _mesh.Now) { Usages = null });
        Refused(ProxyRefusal.NotForClients, new Forger(_mesh.Root, _mesh.Now) { Usages = ["2.5.29.37.0"] });
        using var ads = _mesh.Authority.IssueXdsServer(RotationSchedule.For("ads", TestMesh.Day).At(_mesh.Now));
        Refused(ProxyRefusal.NotForClients, ads);
    }

    [Fact]
    public void A_workload_is_no_proxy_even_if_its_account_imitates_one()
    {
        var imitator = TestMesh.Workload($"{TestMesh.Proxy().Uuid}.sidecar.bookstore");
        Assert.Equal(TestMesh.Proxy().NodeId, imitator.DnsName);
        using var workload = X509Certificate2.CreateFromPem(_mesh.Authority.Issue(imitator, TestMesh.Day).ChainPem);
        Refused(ProxyRefusal.NotAProxy, workload);
    }

    [Theory]
    [InlineData("spiffe://cluster.local/bookstore/shop")]
    [InlineData("spiffe://cluster.local/ads")]
    [InlineData("spiffe://cluster.local/5ae1d1b5-9c6f-4c1e-8f6d-0f0a3a9b2c11/gateway/bookstore/shop")]
    [InlineData("spiffe://cluster.local/5AE1D1B5-9C6F-4C1E-8F6D-0F0A3A9B2C11/sidecar/bookstore/shop")]
    [InlineData("spiffe://cluster.local/ 5ae1d1b5-9c6f-4c1e-8f6d-0f0a3a9b2c11/sidecar/bookstore/shop")]
    [InlineData("spiffe://cluster.local/5ae1d1b5-9c6f-4c1e-8f6d-0f0a3a9b2c11/sidecar/bookstore/shop/")]
    [InlineData("spiffe://cluster.local//5ae1d1b5-9c6f-4c1e-8f6d-0f0a3a9b2c11/sidecar/bookstore/shop")]
    [InlineData("spiffe://cluster.local/5ae1d1b5-9c6f-4c1e-8f6d-0f0a3a9b2c11/sidecar/../shop")]
    [InlineData("spiffe://cluster.local/5ae1d1b5-9c6f-4c1e-8f6d-0f0a3a9b2c11/sidecar/bookstore/Shop")]
    [InlineData("spiffe://cluster.local/5ae1d1b5-9c6f-4c1e-8f6d-0f0a3a9b2c11/sidecar/bookstore/shop?x")]
    [InlineData("spiffe://Cluster.local/5ae1d1b5-9c6f-4c1e-8f6d-0f0a3a9b2c11/sidecar/bookstore/shop")]
    [InlineData("SPIFFE://cluster.local/5ae1d1b5-9c6f-4c1e-8f6d-0f0a3a9b2c11/sidecar/bookstore/shop")]
    [InlineData("https://cluster.local/5ae1d1b5-9c6f-4c1e-8f6d-0f0a3a9b2c11/sidecar/bookstore/shop")]
    public void Only_the_one_way_to_write_a_proxys_id_is_one(string uri)
        => Refused(ProxyRefusal.NotAProxy, new Forger(_mesh.Root, _mesh.Now) { Uris = [uri] });

    [Fact]
    public void Exactly_one_readable_URI_of_our_trust_domain_counts()
    {
        var proxy = TestMesh.Proxy().SpiffeId;
        Refused(ProxyRefusal.NoUri, new Forger(_mesh.Root, _mesh.Now) { Uris = [] });
        Refused(ProxyRefusal.SeveralUris, new Forger(_mesh.Root, _mesh.Now) { Uris = [proxy, TestMesh.Proxy("other").SpiffeId] });
        Refused(ProxyRefusal.SeveralUris, new Forger(_mesh.Root, _mesh.Now) { Uris = [proxy, proxy] });
        Refused(ProxyRefusal.SeveralUris, new Forger(_mesh.Root, _mesh.Now) { Uris = [proxy, "https://example.org/"] });
        Refused(ProxyRefusal.ForeignTrustDomain, new Forger(_mesh.Root, _mesh.Now) { Uris = [TestMesh.Proxy(trustDomain: "other.local").SpiffeId] });
    }

    [Fact]
    public void A_second_extension_with_names_is_refused()
    {
        using var certificate = new Forger(_mesh.Root, _mesh.Now) { TwoNameExtensions = true }.Sign();
        Assert.False(_verifier.Verify(certificate).IsAccepted);
        Assert.False(SubjectAlternativeNames.TryReadUris(certificate, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("3000FF")]
    [InlineData("30058603C3A9C3")]
    [InlineData("30058605616263")]
    [InlineData("0C0161")]
    public void Names_that_cannot_be_read_are_refused(string hexadecimal)
    {
        using var certificate = new Forger(_mesh.Root, _mesh.Now) { RawNames = Convert.FromHexString(hexadecimal) }.Sign();
        Assert.Contains(_verifier.Verify(certificate).Refusal, new ProxyRefusal?[] { ProxyRefusal.Malformed, ProxyRefusal.Untrusted });
        Assert.False(SubjectAlternativeNames.TryReadUris(certificate, out _));
    }

    [Fact]
    public void A_bundle_of_two_roots_trusts_both_and_a_placeholder_nobody()
    {
        using var other = new TestMesh(_mesh.Time);
        var both = new ProxyCertificateVerifier(new TrustBundle(TestMesh.TrustDomain, [_mesh.Root.Pem, other.Root.Pem]), _mesh.Time);
        var nobody = new ProxyCertificateVerifier(TrustBundle.Placeholder(TestMesh.TrustDomain), _mesh.Time);
        foreach (var mesh in new[] { _mesh, other })
        {
            using var credential = TestMesh.Load(mesh.Authority.Issue(TestMesh.Proxy(), TestMesh.Day));
            Assert.True(both.Verify(credential).IsAccepted);
            Assert.Equal(ProxyRefusal.Untrusted, nobody.Verify(credential).Refusal);
        }
    }

    private static X509Certificate2 SelfSigned(string uri)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=osm-ca.openservicemesh.io, O=Open Service Mesh", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(SubjectAlternativeNames.Encode(uri));
        var now = TestMesh.NewTime().GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(9));
    }

    private void Refused(ProxyRefusal refusal, Forger forger)
    {
        using var certificate = forger.Sign();
        Refused(refusal, certificate);
    }

    private void Refused(ProxyRefusal refusal, X509Certificate2 certificate)
    {
        var verification = _verifier.Verify(certificate);
        Assert.Equal(refusal, verification.Refusal);
        Assert.Null(verification.Identity);
        Assert.False(verification.IsAccepted);
    }
}
