using OsmExt.Compiler.Policy;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Tests.Policy;

/// <summary>What keys workloads have: the operator says of which kind, the MeshConfig how large.</summary>
public class CertificateKeyTests
{
    private static readonly CompilerOptions Ecdsa = new();
    private static readonly CompilerOptions Rsa = Ecdsa with { RsaCertificates = true };

    [Fact]
    public void With_rsa_the_size_is_the_configured_one()
    {
        Assert.Equal(2048, Read(Rsa).Settings.RsaKeyBits);
        Assert.Equal(2048, Read(Rsa, bits: 2048).Settings.RsaKeyBits);
        var (settings, findings) = Read(Rsa, bits: 4096);
        Assert.Equal(4096, settings.RsaKeyBits);
        Assert.Empty(findings);
    }

    [Fact]
    public void With_ecdsa_a_size_that_a_stock_installation_writes_is_passed_over_and_another_is_told_to_be_idle()
    {
        var (stock, none) = Read(Ecdsa, bits: 2048);
        Assert.Null(stock.RsaKeyBits);
        Assert.Empty(none);

        var (settings, findings) = Read(Ecdsa, bits: 3072);
        Assert.Null(settings.RsaKeyBits);
        var finding = Assert.Single(findings);
        Assert.Equal((DiagnosticCodes.NotCarriedOut, Severity.Warning, "spec.certificate.certKeyBitSize"), (finding.Code, finding.Severity, finding.Field));
        Assert.Contains("--certificate-key rsa", finding.Advice, StringComparison.Ordinal);
    }

    private static (MeshSettings Settings, IReadOnlyList<Diagnostic> Findings) Read(CompilerOptions options, int? bits = null)
    {
        var metadata = new ResourceMetadata(options.OsmNamespace, MeshConfig.WellKnownName);
        var snapshot = ResourceSnapshot.Of(bits is { } size ? [new MeshConfig(metadata) { CertificateKeyBits = size }] : Array.Empty<MeshConfig>());
        var bag = new DiagnosticBag(snapshot);
        return (MeshSettingsReader.Read(snapshot, options, bag), bag.Sorted());
    }
}
