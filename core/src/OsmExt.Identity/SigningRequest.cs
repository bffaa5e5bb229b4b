using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OsmExt.Identity;

/// <summary>
/// A request for a certificate (PKCS #10). It proves that who sent it has the key, and says nothing else: names, extensions and attributes of it are
/// never looked at, so there is nothing to be tricked by.
/// </summary>
internal static class SigningRequest
{
    /// <summary>A longer request is not read.</summary>
    public const int MaxBytes = 4096;

    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>A request for a key; the names in it are the caller's to invent.</summary>
    public static byte[] Of(ECDsa key) => new CertificateRequest("CN=proxy", key, HashAlgorithmName.SHA256).CreateSigningRequest();

    /// <summary>The public key, when the request is well-formed, signed with it, and the key is ECDSA P-256. The caller's to dispose.</summary>
    public static bool TryRead(ReadOnlySpan<byte> request, [NotNullWhen(true)] out ECDsa? publicKey)
    {
        publicKey = null;
        if (request.Length is 0 or > MaxBytes)
        {
            return false;
        }

        try
        {
            var read = CertificateRequest.LoadSigningRequest(request, HashAlgorithmName.SHA256, out var consumed);
            if (consumed != request.Length || read.PublicKey.GetECDsaPublicKey() is not { } key)
            {
                return false;
            }

            if (key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value is P256)
            {
                publicKey = key;
                return true;
            }

            key.Dispose();
            return false;
        }
        catch (Exception failure) when (failure is CryptographicException or NotSupportedException or ArgumentException)
        {
            return false;
        }
    }
}
