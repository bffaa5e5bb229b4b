using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>The server's own authority, its certificate, and those of its users: who they are is in the subject.</summary>
internal sealed class ServerCertificates : IDisposable
{
    private static readonly Oid ServerUse = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientUse = new("1.3.6.1.5.5.7.3.2");

    private readonly TimeProvider _clock;

    public ServerCertificates(TimeProvider clock)
    {
        _clock = clock;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=osm-test-api-server-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var (from, to) = Validity();
        Authority = request.CreateSelfSigned(from, to);
        Server = NewServer();
    }

    public X509Certificate2 Authority { get; }

    public X509Certificate2 Server { get; }

    /// <summary>The certificate and key of a user, in PEM.</summary>
    public (string Certificate, string Key) NewUser(string name, IEnumerable<string> groups)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        foreach (var group in groups)
        {
            subject.AddOrganizationName(group);
        }

        subject.AddCommonName(name);
        using var certificate = Issue(new(subject.Build(), key, HashAlgorithmName.SHA256), ClientUse);
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Who a client's certificate says it is; null when the server's authority did not say so.</summary>
    public Caller? CallerOf(X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            return null;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = _clock.GetLocalNow().DateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(ClientUse);
        if (!chain.Build(certificate))
        {
            return null;
        }

        var parts = certificate.SubjectName.EnumerateRelativeDistinguishedNames().Select(part => (part.GetSingleElementType().Value, part.GetSingleElementValue() ?? "")).ToList();
        var groups = parts.Where(part => part.Value == "2.5.4.10").Select(part => part.Item2);
        return new(parts.FirstOrDefault(part => part.Value == "2.5.4.3").Item2 ?? "", [.. groups, Caller.Authenticated]);
    }

    public void Dispose()
    {
        Authority.Dispose();
        Server.Dispose();
    }

    private X509Certificate2 NewServer()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in new[] { "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local" })
        {
            names.AddDnsName(name);
        }

        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        names.AddIpAddress(new IPAddress([10, 96, 0, 1]));
        var request = new CertificateRequest("CN=osm-test-api-server", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        using var issued = Issue(request, ServerUse);
        using var whole = issued.CopyWithPrivateKey(key);

        // Some platforms' TLS wants keys that come out of a file.
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    private X509Certificate2 Issue(CertificateRequest request, Oid use)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([use], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Authority, true, false));
        return request.Create(Authority, Authority.NotBefore, Authority.NotAfter, RandomNumberGenerator.GetBytes(16));
    }

    // As wide as a test's clock may be put forward.
    private (DateTimeOffset From, DateTimeOffset To) Validity()
    {
        var now = _clock.GetUtcNow();
        var earliest = new DateTimeOffset(1970, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return (now.AddYears(-1) < earliest ? earliest : now.AddYears(-1), now.AddYears(20));
    }
}
