using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OsmExt.Sdk.Identity;

namespace OsmExt.Identity;

/// <summary>Certificates and keys as PEM, each ending its last line, so that they can be put one after the other.</summary>
internal static class PemText
{
    public static string Of(X509Certificate2 certificate) => certificate.ExportCertificatePem() + "\n";

    /// <summary>PKCS#8. Unlike the framework's export it leaves no string with the key in it behind.</summary>
    public static SecretBytes Of(AsymmetricAlgorithm key)
    {
        var der = key.ExportPkcs8PrivateKey();
        var pem = PemEncoding.WriteUtf8("PRIVATE KEY"u8, der);
        try
        {
            Span<byte> text = stackalloc byte[pem.Length + 1];
            pem.CopyTo(text);
            text[^1] = (byte)'\n';
            var secret = new SecretBytes(text);
            CryptographicOperations.ZeroMemory(text);
            return secret;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
            CryptographicOperations.ZeroMemory(pem);
        }
    }
}
