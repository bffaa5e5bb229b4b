using System.Security.Cryptography.X509Certificates;

namespace OsmExt.DataPlane.Tls;

/// <summary>Certificates and keys as they are delivered.</summary>
internal static class Pem
{
    /// <exception cref="System.Security.Cryptography.CryptographicException">It holds something else.</exception>
    public static X509Certificate2Collection Certificates(string text)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(text);
        return all;
    }

    /// <summary>The first certificate of a chain with its key, and the others.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">They cannot be read, or do not belong together.</exception>
    public static (X509Certificate2 Own, X509Certificate2Collection Others) Pair(string chain, string key)
    {
        var own = X509Certificate2.CreateFromPem(chain, key);
        if (OperatingSystem.IsWindows())
        {
            // Its TLS takes no key that lives in memory only.
            using var ephemeral = own;
            own = X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pkcs12), null);
        }

        return (own, [.. Certificates(chain).Skip(1)]);
    }
}
