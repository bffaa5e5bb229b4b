using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OsmExt.Identity;

/// <summary>
/// Reads a root from PEM and refuses what peers would refuse later, in another place and with a worse message.
/// </summary>
/// <param name="certificateFile">Where the certificate was read from; errors name it.</param>
/// <param name="keyFile">Where the key was read from.</param>
internal sealed class RootCertificateReader(string certificateFile, string keyFile)
{
    public RootCertificate Read(string certificatePem, ReadOnlySpan<char> keyPem, DateTimeOffset now)
    {
        using var certificate = ReadCertificate(certificatePem);
        using var key = ReadKey(keyPem);
        RequireAuthority(certificate);
        RequireSameKey(certificate, key);
        RequireValid(certificate, now);
        return new(certificate.CopyWithPrivateKey(key));
    }

    private X509Certificate2 ReadCertificate(string pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            throw NotOneCertificate(exception);
        }

        return certificates.Count == 1 ? certificates[0] : throw NotOneCertificate(null);
    }

    private ECDsa ReadKey(ReadOnlySpan<char> pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            key.ExportSubjectPublicKeyInfo();
            return key;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw HoldsRsaKey(pem)
                ? Fail(CertificateAuthorityError.UnsupportedKey, keyFile, "holds an RSA key", "Use a root with an ECDSA P-256 key")
                : Fail(CertificateAuthorityError.InvalidPem, keyFile, "does not hold one unencrypted private key", "Restore it from a backup", exception);
        }
    }

    private static bool HoldsRsaKey(ReadOnlySpan<char> pem)
    {
        using var key = RSA.Create();
        try
        {
            key.ImportFromPem(pem);
            return true;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    private void RequireAuthority(X509Certificate2 certificate)
    {
        var issues = certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority)
            && certificate.Extensions.OfType<X509KeyUsageExtension>().All(usage => usage.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign));
        if (!issues)
        {
            throw Fail(
                CertificateAuthorityError.NotACertificateAuthority, certificateFile, "is not a certificate authority's",
                "Use a certificate with CA:TRUE and the key usage keyCertSign");
        }

        if (!certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData))
        {
            throw Fail(CertificateAuthorityError.NotACertificateAuthority, certificateFile, "is an intermediate, not a root", "Use a self-signed root");
        }
    }

    private void RequireSameKey(X509Certificate2 certificate, ECDsa key)
    {
        var certified = certificate.PublicKey.ExportSubjectPublicKeyInfo();
        if (!certified.AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo()))
        {
            throw Fail(CertificateAuthorityError.KeyMismatch, keyFile, $"is not the key of {certificateFile}", "Restore both files from one backup");
        }
    }

    private void RequireValid(X509Certificate2 certificate, DateTimeOffset now)
    {
        var (start, end) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        if (now >= end)
        {
            throw Fail(
                CertificateAuthorityError.RootExpired, certificateFile, $"ended at {end:u}",
                "Move the directory away to have a new root created, and give every proxy a new bootstrap");
        }

        if (now < start)
        {
            throw Fail(CertificateAuthorityError.RootNotYetValid, certificateFile, $"begins at {start:u}, and it is {now:u}", "Set the clock right");
        }
    }

    private CertificateAuthorityException NotOneCertificate(Exception? inner)
        => Fail(CertificateAuthorityError.InvalidPem, certificateFile, "does not hold exactly one PEM certificate", "Restore it from a backup", inner);

    private static CertificateAuthorityException Fail(
        CertificateAuthorityError error, string file, string what, string advice, Exception? inner = null)
        => new(error, $"{file} {what}. {advice}.", inner);
}
