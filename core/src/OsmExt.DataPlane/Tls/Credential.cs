using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.Simulation;

namespace OsmExt.DataPlane.Tls;

/// <summary>A certificate with its key, ready for handshakes. Each secret is read once; a rotated one is another secret.</summary>
internal static class Credential
{
    private static readonly ConditionalWeakTable<TlsCertificate, SslStreamCertificateContext> Read = [];

    /// <summary>What a TLS context proves itself with; null when nothing has been delivered.</summary>
    /// <exception cref="AuthenticationException">What has been delivered cannot be read.</exception>
    public static SslStreamCertificateContext? Of(ProxyConfiguration proxy, CommonTlsContext context)
    {
        var certificate = context.TlsCertificates.Count > 0 ? context.TlsCertificates[0]
            : context.TlsCertificateSdsSecretConfigs.Select(config => proxy.Secret(config.Name)?.TlsCertificate).FirstOrDefault(found => found is not null);
        try
        {
            return certificate is null ? null : Read.GetValue(certificate, static found => Load(found));
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException or IOException)
        {
            // The message would be about keys.
            throw new AuthenticationException("the certificate or its key cannot be read");
        }
    }

    public static string Text(DataSource? source) => source?.SpecifierCase switch
    {
        DataSource.SpecifierOneofCase.InlineBytes => source.InlineBytes.ToStringUtf8(),
        DataSource.SpecifierOneofCase.InlineString => source.InlineString,
        DataSource.SpecifierOneofCase.Filename => File.ReadAllText(source.Filename, Encoding.UTF8),
        _ => "",
    };

    private static SslStreamCertificateContext Load(TlsCertificate secret)
    {
        var (own, others) = Pem.Pair(Text(secret.CertificateChain), Text(secret.PrivateKey));
        return SslStreamCertificateContext.Create(own, others, offline: true);
    }
}
