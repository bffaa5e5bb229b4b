using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OsmExt.Sdk.Identity;

namespace OsmExt.Identity;

/// <summary>A self-signed certificate with its key: what all certificates of a mesh are issued by.</summary>
internal sealed class RootCertificate : IDisposable
{
    private const string CommonName = "osm-ca.openservicemesh.io";
    private readonly X509Certificate2 _certificate;

    /// <param name="certificate">With its ECDSA key; owned from now on.</param>
    public RootCertificate(X509Certificate2 certificate)
    {
        _certificate = certificate;
        Pem = PemText.Of(certificate);
        KeyId = Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        SubjectKeyId = certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault()?.SubjectKeyIdentifier ?? "";
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));
        Window = new(certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
    }

    public static TimeSpan Lifetime { get; } = TimeSpan.FromDays(3650);

    public string Pem { get; }

    /// <summary>Hash of the public key: two issuers with one key are one issuer.</summary>
    public string KeyId { get; }

    /// <summary>What certificates issued by it call it, in hexadecimal; empty when it has no name of the kind.</summary>
    public string SubjectKeyId { get; }

    /// <summary>SHA-256 of the certificate, in hexadecimal.</summary>
    public string Fingerprint { get; }

    public ValidityWindow Window { get; }

    public static RootCertificate Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(CommonName);
        name.AddOrganizationName(LeafProfile.Organization);
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(KeyIdOf(request));

        var window = ValidityWindow.Starting(now, Lifetime);
        using var certificate = request.Create(
            request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), window.NotBefore, window.NotAfter, NewSerialNumber());
        return new(certificate.CopyWithPrivateKey(key));
    }

    /// <summary>Whether a certificate names it as its issuer. It proves nothing; verification does.</summary>
    public bool IsIssuerOf(X509Certificate2 certificate)
        => certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault()?.KeyIdentifier is { } issuer
            && string.Equals(Convert.ToHexString(issuer.Span), SubjectKeyId, StringComparison.OrdinalIgnoreCase);

    /// <summary>Signs a leaf. Nothing outside the root's own validity is signed.</summary>
    /// <returns>The certificate, without key.</returns>
    public X509Certificate2 Sign(CertificateRequest request, ValidityWindow window)
    {
        request.CertificateExtensions.Add(KeyIdOf(request));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));

        // An instance for each call: the framework does not promise that one may sign on two threads.
        using var key = _certificate.GetECDsaPrivateKey()!;
        var inside = window.Within(Window);
        return request.Create(
            _certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(key), inside.NotBefore, inside.NotAfter, NewSerialNumber());
    }

    public SecretBytes ExportKey()
    {
        using var key = _certificate.GetECDsaPrivateKey()!;
        return PemText.Of(key);
    }

    public void Dispose() => _certificate.Dispose();

    private static X509SubjectKeyIdentifierExtension KeyIdOf(CertificateRequest request)
        => new(request.PublicKey, X509SubjectKeyIdentifierHashAlgorithm.ShortSha256, critical: false);

    // 128 bits, the first two being 01: positive, and never shorter, so that the encoding needs no care.
    private static byte[] NewSerialNumber()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        return serial;
    }
}
