using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OsmExt.Benchmarks.DataPlane;

/// <summary>Certificates for connections that no sidecar secures, with keys of the mesh's kind.</summary>
internal static class Certificates
{
    public static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
    }
}
