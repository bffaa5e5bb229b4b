using System.Security.Cryptography;
using System.Text;

namespace OsmExt.PluginHost.Loading;

/// <summary>
/// Signatures of plugins: ECDSA on P-256 with SHA-256, over the text of the digest, in a file of its own that the digest does not
/// cover. As it is base64 of the usual DER form, other tools can make and check it.
/// </summary>
internal static class PluginSignature
{
    /// <summary>The file in the plugin's folder.</summary>
    public const string FileName = "plugin.sig";

    private const string Curve = "1.2.840.10045.3.1.7";

    /// <param name="privateKeyPem">The key.</param>
    /// <param name="digest">What is signed.</param>
    /// <exception cref="CryptographicException">There is no such key; the message says what is expected, and nothing of the text.</exception>
    public static string Sign(string privateKeyPem, string digest)
    {
        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(privateKeyPem);
        }
        catch (Exception failure) when (failure is ArgumentException or CryptographicException)
        {
            throw new CryptographicException("it holds no private key that can be read; an EC key on P-256 in PEM, without a password, is expected");
        }

        if (!IsOnCurve(key) || !HasPrivateKey(key))
        {
            throw new CryptographicException("an EC private key on P-256 is expected");
        }

        return $"{Convert.ToBase64String(key.SignData(Encoding.UTF8.GetBytes(digest), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))}\n";
    }

    /// <summary>Whether the signature is of the digest, made with the private half of the key.</summary>
    public static bool Verifies(string publicKeyPem, string digest, string signature)
    {
        var bytes = new byte[signature.Length];
        if (!Convert.TryFromBase64String(signature.Trim(), bytes, out var length))
        {
            return false;
        }

        using var key = ECDsa.Create();
        key.ImportFromPem(publicKeyPem);
        return key.VerifyData(Encoding.UTF8.GetBytes(digest), bytes.AsSpan(0, length), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    /// <summary>Whether it is the public half of a key on the curve.</summary>
    public static bool IsPublicKey(string pem)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(pem);
            return IsOnCurve(key) && !HasPrivateKey(key);
        }
        catch (Exception failure) when (failure is ArgumentException or CryptographicException)
        {
            return false;
        }
    }

    private static bool IsOnCurve(ECDsa key) => string.Equals(key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value, Curve, StringComparison.Ordinal);

    private static bool HasPrivateKey(ECDsa key)
    {
        try
        {
            CryptographicOperations.ZeroMemory(key.ExportParameters(includePrivateParameters: true).D);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
