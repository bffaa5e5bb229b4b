using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace OsmExt.Identity;

/// <summary>
/// Writes and reads the subject alternative name extension (RFC 5280, 4.2.1.6). The framework's builder takes URIs only
/// through <see cref="Uri"/>, which rewrites some of them, and its reader has none.
/// </summary>
internal static class SubjectAlternativeNames
{
    private const string Oid = "2.5.29.17";
    private static readonly Asn1Tag DnsNameTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <param name="uri">A URI; null for none.</param>
    /// <param name="dnsNames">DNS names.</param>
    public static X509Extension Encode(string? uri, params IEnumerable<string> dnsNames)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            if (uri is not null)
            {
                writer.WriteCharacterString(UniversalTagNumber.IA5String, uri, UriTag);
            }

            foreach (var dnsName in dnsNames)
            {
                writer.WriteCharacterString(UniversalTagNumber.IA5String, dnsName, DnsNameTag);
            }
        }

        return new X509Extension(Oid, writer.Encode(), critical: false);
    }

    /// <summary>Every URI the certificate names; false when the extension is not well formed or there are several.</summary>
    public static bool TryReadUris(X509Certificate2 certificate, out ImmutableArray<string> uris)
    {
        uris = [];
        var extensions = certificate.Extensions.Where(extension => extension.Oid?.Value is Oid).ToList();
        if (extensions.Count != 1)
        {
            return extensions.Count == 0;
        }

        try
        {
            uris = ReadUris(extensions[0].RawData);
            return true;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static ImmutableArray<string> ReadUris(byte[] extension)
    {
        var reader = new AsnReader(extension, AsnEncodingRules.DER);
        var names = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        var uris = ImmutableArray.CreateBuilder<string>();
        while (names.HasData)
        {
            if (names.PeekTag().HasSameClassAndValue(UriTag))
            {
                uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
            }
            else
            {
                names.ReadEncodedValue();
            }
        }

        return uris.ToImmutable();
    }
}
