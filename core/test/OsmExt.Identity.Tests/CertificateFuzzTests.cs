using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace OsmExt.Identity.Tests;

/// <summary>Certificates, requests for them and files of keys as attackers would write them: none passes for another, and all are refused in our words.</summary>
public sealed class CertificateFuzzTests
{
    private static readonly byte[][] Words =
    [
        .. new[] { "spiffe://cluster.local/bookstore/shop", "5ae1d1b5-9c6f-4c1e-8f6d-0f0a3a9b2c11", "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----\n", "-----END PRIVATE KEY-----\n", "MII", "=" }.Select(Encoding.ASCII.GetBytes),
        [0x30, 0x80], [0x30, 0x82, 0xFF, 0xFF], [0x06, 0x03, 0x55, 0x1D, 0x11], [0x86, 0x00], [0x82, 0x01, 0x61], [0x00, 0x00], [0x02, 0x01, 0x00], [0xA0, 0x03],
    ];

    private static readonly string[] RootWords = ["$CERTIFICATE", "$KEY", "%%"];

    [Fact]
    public void A_certificate_that_was_changed_speaks_for_nobody_else()
    {
        using var mesh = new TestMesh();
        using var valid = TestMesh.Load(mesh.Authority.Issue(TestMesh.Proxy(), TestMesh.Day));
        var verifier = new ProxyCertificateVerifier(mesh.Authority.Bundle, mesh.Time);
        var der = valid.RawData;
        Assert.True(verifier.Verify(valid).IsAccepted);

        // The corpus says at which place what is written into the certificate; a key of each run's own would make any other meaningless.
        new Fuzzer("certificates", input => Judge(verifier, Written(der, input)), Words).Run();
    }

    /// <summary>At some places the platform does not say that the certificate is wrong; it throws.</summary>
    [Fact]
    public void Wherever_a_length_is_a_lie_the_certificate_is_refused()
    {
        using var mesh = new TestMesh();
        using var valid = TestMesh.Load(mesh.Authority.Issue(TestMesh.Proxy(), TestMesh.Day));
        var verifier = new ProxyCertificateVerifier(mesh.Authority.Bundle, mesh.Time);
        for (var at = 0; at < valid.RawData.Length - 1; at++)
        {
            Judge(verifier, [.. valid.RawData[..at], 0x30, 0x92, .. valid.RawData[(at + 2)..]]);
        }
    }

    [Fact]
    public void A_request_is_a_key_or_nothing() => new Fuzzer("requests", input =>
    {
        var isRead = SigningRequest.TryRead(input, out var key);
        using (key)
        {
            Assert.Equal(isRead, key is not null);
            return isRead ? $"read {key!.KeySize}" : $"refused {Math.Min(input.Length, 4)} {(input.Length > 0 ? input[0] : 0)}";
        }
    }, Words).Run();

    [Fact]
    public void A_file_of_a_root_is_one_or_says_what_is_wrong()
    {
        using var root = RootCertificate.Create(TestMesh.NewTime().GetUtcNow());
        var key = TestMesh.Text(root.ExportKey());
        new Fuzzer("roots", input =>
        {
            var text = Encoding.UTF8.GetString(input).Replace("$CERTIFICATE", root.Pem, StringComparison.Ordinal).Replace("$KEY", key, StringComparison.Ordinal);
            var (certificate, rest) = (text.Split("%%")[0], string.Concat(text.Split("%%").Skip(1)));
            try
            {
                using var read = new RootCertificateReader("root.crt", "root.key").Read(certificate, rest, TestMesh.NewTime().GetUtcNow());
                Assert.Equal(root.KeyId, read.KeyId);
                return "read";
            }
            catch (CertificateAuthorityException refused)
            {
                Assert.Contains("root.", refused.Message, StringComparison.Ordinal);
                Assert.DoesNotContain(key.Split('\n')[1], refused.ToString(), StringComparison.Ordinal);
                return string.Join(' ', refused.Message.Split(' ').Take(8));
            }
        }, [.. Words, .. RootWords.Select(Encoding.ASCII.GetBytes)]).Run();
    }

    private static string Judge(ProxyCertificateVerifier verifier, byte[] der)
    {
        X509Certificate2 certificate;
        try
        {
            certificate = X509CertificateLoader.LoadCertificate(der);
        }
        catch (CryptographicException)
        {
            return "no certificate";
        }

        using (certificate)
        {
            var verification = verifier.Verify(certificate);
            Assert.True(!verification.IsAccepted || verification.Identity == TestMesh.Proxy(), "it passes for somebody else");
            return $"{verification.Refusal}";
        }
    }

    // Two bytes say where, one how many bytes go, and the rest comes in their place.
    private static byte[] Written(byte[] der, byte[] input)
    {
        if (input.Length < 3)
        {
            return der;
        }

        var at = ((input[0] << 8) | input[1]) % der.Length;
        return [.. der[..at], .. input[3..], .. der[Math.Min(der.Length, at + input[2])..]];
    }
}
