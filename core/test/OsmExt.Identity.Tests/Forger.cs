using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OsmExt.Identity.Tests;

/// <summary>Has a root sign what the authority never would.</summary>
internal sealed class Forger(RootCertificate root, DateTimeOffset now)
{
    private const string NamesOid = "2.5.29.17";
    private const string PlaceholderOid = "2.5.29.99";

    public string[] Uris { get; init; } = [TestMesh.Proxy().SpiffeId];

    public string[]? Usages { get; init; } = [LeafProfile.ClientAuthentication];

    public bool CertificateAuthority { get; init; }

    public bool TwoNameExtensions { get; init; }

    public byte[]? RawNames { get; init; }

    public TimeSpan Delay { get; init; }

    public X509Certificate2 Sign()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=forged", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(CertificateAuthority, false, 0, critical: true));
        if (Usages is not null)
        {
            var usages = new OidCollection();
            Array.ForEach(Usages, usage => usages.Add(new Oid(usage)));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        }

        if (RawNames is not null || Uris.Length > 0)
        {
            request.CertificateExtensions.Add(new X509Extension(NamesOid, RawNames ?? Encode(Uris), critical: false));
        }

        if (TwoNameExtensions)
        {
            request.CertificateExtensions.Add(new X509Extension(PlaceholderOid, Encode(["spiffe://cluster.local/other/shop"]), critical: false));
        }

        using var leaf = root.Sign(request, ValidityWindow.Starting(now + Delay, TestMesh.Day));
        using var forged = TwoNameExtensions ? RepeatNames(leaf) : X509CertificateLoader.LoadCertificate(leaf.RawData);
        return forged.CopyWithPrivateKey(key);
    }

    // The framework writes no extension twice: one is written under another identifier of equal length, which is then exchanged.
    private X509Certificate2 RepeatNames(X509Certificate2 leaf)
    {
        var certificate = new AsnReader(leaf.RawData, AsnEncodingRules.DER).ReadSequence();
        var content = certificate.ReadEncodedValue().ToArray();
        content[content.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x55, 0x1D, 0x63]) + 2] = 0x11;

        using var rootKey = ECDsa.Create();
        rootKey.ImportFromPem(TestMesh.Text(root.ExportKey()));
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(content);
            writer.WriteEncodedValue(certificate.ReadEncodedValue().Span);
            writer.WriteBitString(rootKey.SignData(content, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }

        return X509CertificateLoader.LoadCertificate(writer.Encode());
    }

    private static byte[] Encode(string[] uris)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, "misleading.cluster.local", new Asn1Tag(TagClass.ContextSpecific, 2));
            foreach (var uri in uris)
            {
                writer.WriteCharacterString(UniversalTagNumber.IA5String, uri, new Asn1Tag(TagClass.ContextSpecific, 6));
            }
        }

        return writer.Encode();
    }
}
