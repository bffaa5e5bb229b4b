using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using OsmExt.Envoy;
using OsmExt.Sdk.Identity;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// The two files by which a proxy has its credential towards the control plane and knows the control plane, in the form in which
/// Envoy follows files. Each is whole in itself: certificate and key never meet in a pair that does not fit.
/// </summary>
internal static class CredentialFiles
{
    public const string CertificateName = "xds-certificate";
    public const string TrustName = "xds-trust";

    /// <summary>
    /// In the order in which they are to be replaced: whoever presents a certificate by a new root must believe what that root
    /// issues.
    /// </summary>
    public static IReadOnlyList<string> InOrder { get; } = [FileOf(TrustName), FileOf(CertificateName)];

    public static string FileOf(string name) => $"{name}.json";

    /// <summary>Holds the private key.</summary>
    public static SecretBytes Certificate(string chainPem, SecretBytes privateKeyPem) => Of(new()
    {
        Name = CertificateName,
        TlsCertificate = new()
        {
            CertificateChain = new() { InlineString = chainPem },
            PrivateKey = new() { InlineBytes = UnsafeByteOperations.UnsafeWrap(privateKeyPem.Reveal()) },
        },
    });

    /// <summary>
    /// The roots, and the control plane's own name, which no workload certificate has; while the trust domain changes, in each
    /// domain in which it may present itself.
    /// </summary>
    public static SecretBytes Trust(TrustBundle bundle)
    {
        var context = new CertificateValidationContext { TrustedCa = new() { InlineString = bundle.Pem } };
        context.MatchTypedSubjectAltNames.AddRange(bundle.TrustDomains.Select(domain => new SubjectAltNameMatcher
        {
            SanType = SubjectAltNameMatcher.Types.SanType.Uri,
            Matcher = new() { Exact = new XdsServerIdentity(domain).SpiffeId },
        }));
        return Of(new() { Name = TrustName, ValidationContext = context });
    }

    private static SecretBytes Of(Secret secret)
    {
        var file = new DiscoveryResponse { Resources = { Protos.Pack(secret) } };
        return new(System.Text.Encoding.UTF8.GetBytes(EnvoyJson.ToJson(file)));
    }
}
