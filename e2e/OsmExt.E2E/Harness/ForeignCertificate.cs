using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace OsmExt.E2E;

/// <summary>A certificate of somebody else's authority, with the name of one of ours.</summary>
internal sealed class ForeignCertificate : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("osm-e2e-").FullName;

    public ForeignCertificate(string uri = "spiffe://cluster.local/buyer/shop")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=foreign", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(uri));
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddMinutes(-5), now.AddHours(1));
        File.WriteAllText(Certificate, certificate.ExportCertificatePem(), Encoding.ASCII);
        File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem(), Encoding.ASCII);
    }

    public string Certificate => Path.Join(_directory, "certificate.pem");

    public string Key => Path.Join(_directory, "key.pem");

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
