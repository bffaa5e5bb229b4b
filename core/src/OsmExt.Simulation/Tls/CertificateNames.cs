using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace OsmExt.Simulation.Tls;

/// <summary>Reads the names in a certificate.</summary>
internal static class CertificateNames
{
    // .NET reads DNS names and addresses of the extension, and URIs (context tag 6) not.
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    public static PeerCertificate Of(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return new([.. names is null ? [] : UrisOf(names.RawData)], [.. names?.EnumerateDnsNames() ?? []]);
    }

    private static IEnumerable<string> UrisOf(byte[] extension)
    {
        var sequence = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
        while (sequence.HasData)
        {
            if (sequence.PeekTag() == Uri)
            {
                yield return sequence.ReadCharacterString(UniversalTagNumber.IA5String, Uri);
            }
            else
            {
                sequence.ReadEncodedValue();
            }
        }
    }
}
