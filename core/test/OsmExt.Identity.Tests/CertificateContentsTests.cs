using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OsmExt.Identity.Tests;

public sealed class CertificateContentsTests : IDisposable
{
    private readonly TestMesh _mesh = new();
    private readonly TempDirectory _files = new();

    public void Dispose()
    {
        _mesh.Dispose();
        _files.Dispose();
    }

    [Fact]
    public void A_workload_certificate_names_its_identity_and_nothing_else()
    {
        _mesh.Time.Advance(TestMesh.Day);
        var issued = _mesh.Authority.Issue(TestMesh.Workload(), TestMesh.Day);
        using var leaf = X509Certificate2.CreateFromPem(issued.ChainPem, TestMesh.Text(issued.PrivateKeyPem));

        Assert.Equal("CN=bookstore.shop.cluster.local, O=Open Service Mesh", leaf.Subject);
        Assert.True(SubjectAlternativeNames.TryReadUris(leaf, out var uris));
        Assert.Equal("spiffe://cluster.local/bookstore/shop", Assert.Single(uris));
        Assert.Equal(["bookstore.shop.cluster.local"], DnsNamesOf(leaf));
        Assert.Equal(issued.NotBefore, leaf.NotBefore.ToUniversalTime());
        Assert.Equal(issued.NotAfter, leaf.NotAfter.ToUniversalTime());
        Assert.Equal(TestMesh.Day + TimeSpan.FromMinutes(5), issued.NotAfter - issued.NotBefore);
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----\n", TestMesh.Text(issued.PrivateKeyPem), StringComparison.Ordinal);
        Assert.EndsWith("-----END PRIVATE KEY-----\n", TestMesh.Text(issued.PrivateKeyPem), StringComparison.Ordinal);
        Assert.EndsWith("-----END CERTIFICATE-----\n", issued.ChainPem, StringComparison.Ordinal);
        using var key = leaf.GetECDsaPrivateKey()!;
        Assert.Equal(ECCurve.NamedCurves.nistP256.Oid.Value, key.ExportParameters(false).Curve.Oid.Value);
    }

    [Fact]
    public void A_gateway_s_certificate_has_its_names_and_no_identity_of_the_mesh()
    {
        var schedule = RotationSchedule.For("gateway", TestMesh.Day);
        var issued = _mesh.Authority.IssueOutsider(null, ["gateway.outside.cluster.local", "second.example.com"], isClient: true, isServer: false, schedule.At(_mesh.Time.GetUtcNow()));
        using var leaf = X509Certificate2.CreateFromPem(issued.ChainPem, TestMesh.Text(issued.PrivateKeyPem));

        Assert.Equal("CN=gateway.outside.cluster.local, O=Open Service Mesh", leaf.Subject);
        Assert.True(SubjectAlternativeNames.TryReadUris(leaf, out var uris));
        Assert.Empty(uris);
        Assert.Equal(["gateway.outside.cluster.local", "second.example.com"], DnsNamesOf(leaf));
        Assert.Equal([LeafProfile.ClientAuthentication], leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>().Select(usage => usage.Value));
        Assert.Throws<ArgumentException>(() => _mesh.Authority.IssueOutsider(null, ["spiffe://cluster.local/web/shop"], isClient: true, isServer: false, schedule.At(_mesh.Time.GetUtcNow())));
        Assert.Throws<ArgumentException>(() => _mesh.Authority.IssueOutsider(null, [], isClient: true, isServer: false, schedule.At(_mesh.Time.GetUtcNow())));
    }

    [Fact]
    public async Task OpenSSL_reads_and_trusts_what_is_issued()
    {
        var workload = _mesh.Authority.Issue(TestMesh.Workload(), TestMesh.Day);
        var proxy = _mesh.Authority.Issue(TestMesh.Proxy(), TimeSpan.FromDays(30));
        using var server = _mesh.Authority.IssueXdsServer(RotationSchedule.For("ads", TestMesh.Day).At(_mesh.Now));
        var rootText = await ReadAsync("root", _mesh.Root.Pem);
        var workloadText = await ReadAsync("workload", workload.ChainPem);
        var proxyText = await ReadAsync("proxy", proxy.ChainPem);
        var serverText = await ReadAsync("server", server.ExportCertificatePem());

        Says(rootText, "Subject: O = Open Service Mesh, CN = osm-ca.openservicemesh.io", "CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign");
        Says(
            workloadText,
            "Issuer: O = Open Service Mesh, CN = osm-ca.openservicemesh.io",
            "Subject: O = Open Service Mesh, CN = bookstore.shop.cluster.local",
            "URI:spiffe://cluster.local/bookstore/shop, DNS:bookstore.shop.cluster.local",
            "CA:FALSE", "TLS Web Server Authentication, TLS Web Client Authentication", "Digital Signature",
            "ASN1 OID: prime256v1", "ecdsa-with-SHA256", "X509v3 Subject Key Identifier", "X509v3 Authority Key Identifier");
        Says(
            proxyText,
            "URI:spiffe://cluster.local/5ae1d1b5-9c6f-4c1e-8f6d-0f0a3a9b2c11/sidecar/bookstore/shop, "
                + "DNS:5ae1d1b5-9c6f-4c1e-8f6d-0f0a3a9b2c11.sidecar.bookstore.shop.cluster.local",
            "Subject: O = Open Service Mesh\n", "CA:FALSE", "    TLS Web Client Authentication\n");
        Says(serverText, "URI:spiffe://cluster.local/ads, DNS:ads.cluster.local", "CA:FALSE", "    TLS Web Server Authentication\n");

        Assert.Equal(0, await VerifyAsync("workload", "sslclient"));
        Assert.Equal(0, await VerifyAsync("workload", "sslserver"));
        Assert.Equal(0, await VerifyAsync("proxy", "sslclient"));
        Assert.NotEqual(0, await VerifyAsync("proxy", "sslserver"));
        Assert.Equal(0, await VerifyAsync("server", "sslserver"));
        Assert.NotEqual(0, await VerifyAsync("server", "sslclient"));
        _mesh.Time.Advance(TestMesh.Day);
        Assert.NotEqual(0, await VerifyAsync("workload", "sslclient"));
    }

    [Fact]
    public void Names_too_long_for_DNS_or_for_a_common_name_are_left_out_and_the_SPIFFE_id_stays()
    {
        var longAccount = new string('a', 70);
        var issued = _mesh.Authority.Issue(TestMesh.Workload(longAccount), TestMesh.Day);
        using var leaf = X509Certificate2.CreateFromPem(issued.ChainPem);
        Assert.Equal("O=Open Service Mesh", leaf.Subject);
        Assert.Empty(DnsNamesOf(leaf));
        Assert.True(SubjectAlternativeNames.TryReadUris(leaf, out var uris));
        Assert.Equal($"spiffe://cluster.local/{longAccount}/shop", Assert.Single(uris));

        var manyLabels = string.Join('.', Enumerable.Repeat("account", 30));
        var proxy = _mesh.Authority.Issue(TestMesh.Proxy(manyLabels), TestMesh.Day);
        using var credential = X509Certificate2.CreateFromPem(proxy.ChainPem);
        Assert.True(TestMesh.Proxy(manyLabels).NodeId.Length > 253);
        Assert.Empty(DnsNamesOf(credential));
        Assert.True(new ProxyCertificateVerifier(_mesh.Authority.Bundle, _mesh.Time).Verify(credential).IsAccepted);
    }

    [Theory]
    [InlineData("a/b", "shop")]
    [InlineData("a", "shop/x")]
    [InlineData("..", "shop")]
    [InlineData("a", "sh.op")]
    [InlineData("A", "shop")]
    [InlineData("a%2fb", "shop")]
    [InlineData("a\nb", "shop")]
    [InlineData("", "shop")]
    [InlineData("-a", "shop")]
    public void Names_that_would_make_somebody_elses_id_are_never_signed(string account, string ns)
    {
        Assert.Throws<ArgumentException>(() => _mesh.Authority.Issue(TestMesh.Workload(account, ns), TestMesh.Day));
        Assert.Throws<ArgumentException>(() => _mesh.Authority.Issue(TestMesh.Proxy(account, ns), TestMesh.Day));
    }

    [Fact]
    public void Nothing_is_issued_for_another_trust_domain()
    {
        Assert.Throws<ArgumentException>(() => _mesh.Authority.Issue(TestMesh.Workload(trustDomain: "other.local"), TestMesh.Day));
        Assert.Throws<ArgumentException>(() => _mesh.Authority.Issue(TestMesh.Proxy(trustDomain: "other.local"), TestMesh.Day));
    }

    [Fact]
    public void Nothing_outlives_the_root_and_nothing_is_issued_after_it()
    {
        _mesh.Time.Advance(TimeSpan.FromDays(3649));
        var workload = _mesh.Authority.Issue(TestMesh.Workload(), TimeSpan.FromDays(30));
        var proxy = _mesh.Authority.Issue(TestMesh.Proxy(), TimeSpan.FromDays(30));
        using var leaf = X509Certificate2.CreateFromPem(workload.ChainPem);
        Assert.Equal(_mesh.Authority.NotAfter, workload.NotAfter);
        Assert.Equal(_mesh.Authority.NotAfter, leaf.NotAfter.ToUniversalTime());
        Assert.Equal(_mesh.Authority.NotAfter, proxy.NotAfter);
        Assert.True(proxy.RenewAt < proxy.NotAfter);

        _mesh.Time.Advance(TestMesh.Day);
        var refusal = Assert.Throws<CertificateAuthorityException>(() => _mesh.Authority.Issue(TestMesh.Workload(), TestMesh.Day));
        Assert.Equal(CertificateAuthorityError.RootExpired, refusal.Error);
    }

    [Fact]
    public void A_proxy_credential_is_renewed_with_a_third_of_its_time_left()
    {
        var proxy = _mesh.Authority.Issue(TestMesh.Proxy(), TimeSpan.FromDays(30));
        Assert.Equal(_mesh.Now.AddDays(20), proxy.RenewAt);
        Assert.Equal(_mesh.Now.AddDays(30), proxy.NotAfter);
        Assert.Equal(_mesh.Now.AddMinutes(-5), proxy.NotBefore);
    }

    [Fact]
    public void Authorities_of_one_root_agree_on_versions_without_sharing_keys()
    {
        using var state = new TempDirectory();
        var first = NewReplica();
        var second = NewReplica();
        var one = first.Issue(TestMesh.Workload(), TestMesh.Day);
        var other = second.Issue(TestMesh.Workload(), TestMesh.Day);

        Assert.Equal(one.Version, other.Version);
        Assert.Equal((one.NotBefore, one.NotAfter), (other.NotBefore, other.NotAfter));
        Assert.NotEqual(one.PrivateKeyPem, other.PrivateKeyPem);

        var versions = new List<string>
        {
            one.Version,
            _mesh.Authority.Issue(TestMesh.Workload(), TestMesh.Day).Version,
            first.Issue(TestMesh.Workload("bookstore-v2"), TestMesh.Day).Version,
            first.Issue(TestMesh.Workload(ns: "shop2"), TestMesh.Day).Version,
            first.Issue(TestMesh.Workload(), TimeSpan.FromHours(23)).Version,
        };
        _mesh.Time.Advance(TimeSpan.FromHours(16));
        versions.Add(first.Issue(TestMesh.Workload(), TestMesh.Day).Version);
        Assert.Equal(versions.Count, versions.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(versions[^1], second.Issue(TestMesh.Workload(), TestMesh.Day).Version);

        CertificateAuthority NewReplica()
            => new(new CaDirectory(state.Path, _mesh.Time, new RecordingLogger<CaDirectory>()).LoadOrCreate(), TestMesh.TrustDomain, _mesh.Time);
    }

    private static IEnumerable<string> DnsNamesOf(X509Certificate2 certificate)
        => certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames();

    private static void Says(string text, params string[] expected) => Assert.All(expected, part => Assert.Contains(part, text, StringComparison.Ordinal));

    private async Task<string> ReadAsync(string name, string pem)
    {
        await File.WriteAllTextAsync(_files[name], pem);
        var (exitCode, text) = await OpenSsl.RunAsync("x509", "-in", _files[name], "-noout", "-text");
        Assert.Equal(0, exitCode);
        return text;
    }

    private async Task<int> VerifyAsync(string name, string purpose)
        => (await OpenSsl.RunAsync(
            "verify", "-x509_strict", "-CAfile", _files["root"], "-purpose", purpose, "-attime", $"{_mesh.Now.ToUnixTimeSeconds()}", _files[name])).ExitCode;
}
