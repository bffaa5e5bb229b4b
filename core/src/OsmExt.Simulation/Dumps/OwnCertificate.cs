using System.Security.Cryptography.X509Certificates;
using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.Envoy;

namespace OsmExt.Simulation.Dumps;

/// <summary>The certificate a proxy proves itself with in the mesh, read from what it has.</summary>
internal static class OwnCertificate
{
    // The certificate itself is no secret; the first in its chain is the proxy's own. What static configuration uses is for others than
    // the mesh, such as the control plane.
    public static PeerCertificate? Of(IEnumerable<XdsResource> resources, ISet<string> used)
    {
        if (resources.Select(resource => resource.Message).OfType<Secret>()
            .FirstOrDefault(secret => secret.TlsCertificate is not null && used.Contains(secret.Name)) is not { } secret)
        {
            return null;
        }

        using var own = X509Certificate2.CreateFromPem(Chain(secret.TlsCertificate));
        return NamesOf(own);
    }

    /// <summary>The names in a certificate.</summary>
    public static PeerCertificate NamesOf(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return new([.. names is null ? [] : UrisOf(names.RawData)], [.. names?.EnumerateDnsNames() ?? []]);
    }

    public static bool IsPem(TlsCertificate certificate) => Chain(certificate).Contains("BEGIN CERTIFICATE", StringComparison.Ordinal);

    private static string Chain(TlsCertificate certificate) => certificate.CertificateChain is not { } source ? ""
        : source.InlineBytes is { IsEmpty: false } bytes ? bytes.ToStringUtf8() : source.InlineString;

    // .NET reads DNS names and addresses of the extension, and URIs (context tag 6) not.
    private static IEnumerable<string> UrisOf(byte[] extension)
    {
        var sequence = new System.Formats.Asn1.AsnReader(extension, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
        var uri = new System.Formats.Asn1.Asn1Tag(System.Formats.Asn1.TagClass.ContextSpecific, 6);
        while (sequence.HasData)
        {
            if (sequence.PeekTag() == uri)
            {
                yield return sequence.ReadCharacterString(System.Formats.Asn1.UniversalTagNumber.IA5String, uri);
            }
            else
            {
                sequence.ReadEncodedValue();
            }
        }
    }
}
