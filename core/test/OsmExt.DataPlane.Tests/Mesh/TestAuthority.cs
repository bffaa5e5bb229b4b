using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OsmExt.DataPlane.Tests.Mesh;

/// <summary>Issues certificates such as the mesh's own authority does.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly X509Certificate2 _own;
    private readonly string _chain = "";
    private long _serial;

    public TestAuthority(string name = "test root") => _own = Request(name, out _).CreateSelfSigned(Start, Start.AddYears(50));

    // It shows who made it an authority with everything it issues.
    private TestAuthority(TestAuthority above)
    {
        var request = Request("test intermediate", out var key);
        using var issued = request.Create(above._own, Start, Start.AddYears(49), BitConverter.GetBytes(Interlocked.Increment(ref above._serial)));
        _own = issued.CopyWithPrivateKey(key);
        _chain = _own.ExportCertificatePem() + "\n" + above._chain;
    }

    public string RootPem => _own.ExportCertificatePem();

    /// <summary>An authority that this one has issued a certificate for.</summary>
    public TestAuthority Intermediate() => new(this);

    public (string ChainPem, string KeyPem) Issue(string spiffeId, string dnsName = "test", DateTimeOffset? from = null, DateTimeOffset? to = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={dnsName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dnsName);
        names.AddUri(new(spiffeId));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        using var issued = request.Create(_own, from ?? Start, to ?? Start.AddYears(40), BitConverter.GetBytes(Interlocked.Increment(ref _serial)));
        return ($"{issued.ExportCertificatePem()}\n{_chain}", key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose() => _own.Dispose();

    private static CertificateRequest Request(string name, out ECDsa key)
    {
        key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request;
    }
}
