using OsmExt.Compiler.Policy;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Tests;

/// <summary>Which roots a mesh shall have.</summary>
public class RootIntentTests
{
    private static readonly CompilerOptions Options = new();

    [Fact]
    public void Roles_say_what_is_wanted()
    {
        Assert.Null(Read().Wanted);
        Assert.Equal(new RootIntent(["b"], ["a"]), Read(Root("b"), Root("a", RootRole.Passive), Root("c", RootRole.Inactive)).Wanted);
        Assert.Equal(new RootIntent(["a", "b"], []), Read(Root("b"), Root("a")).Wanted);
    }

    // To take away a root by mistake cuts connections.
    [Fact]
    public void What_makes_no_sense_changes_nothing_and_is_said()
    {
        Refused("spec.role", Root("a", RootRole.Inactive));
        Refused("spec.role", Root("a", RootRole.Passive), Root("b", RootRole.Passive));
        Refused("spec.role", Root("a"), Root("b", RootRole.Passive), Root("c", RootRole.Passive));
        Refused("spec.provider", Root("a"), Root("b", RootRole.Passive) with { Provider = RootProvider.Vault });
        Refused("spec.provider", Root("a") with { Provider = RootProvider.CertManager });
        Refused("spec.trustDomain", Root("a") with { TrustDomain = "elsewhere.local" });
    }

    [Fact]
    public void Roots_elsewhere_do_not_count()
    {
        var (wanted, findings) = Read(Root("a"), Root("b") with { Metadata = new("shop", "b") });
        Assert.Equal(new RootIntent(["a"], []), wanted);
        Assert.Equal(DiagnosticCodes.IgnoredObject, Assert.Single(findings).Code);
    }

    private static void Refused(string field, params MeshRootCertificate[] roots)
    {
        var (wanted, findings) = Read(roots);
        Assert.Null(wanted);
        var finding = Assert.Single(findings);
        Assert.Equal((DiagnosticCodes.RootNotUsed, Severity.Error, field), (finding.Code, finding.Severity, finding.Field));
    }

    private static (RootIntent? Wanted, IReadOnlyList<Diagnostic> Findings) Read(params MeshRootCertificate[] roots)
    {
        var snapshot = ResourceSnapshot.Of(roots);
        var bag = new DiagnosticBag(snapshot);
        return (RootIntentReader.Read(snapshot, Options, bag), bag.Sorted());
    }

    private static MeshRootCertificate Root(string name, RootRole role = RootRole.Active) => new(new ResourceMetadata(Options.OsmNamespace, name))
    {
        Role = role, Provider = RootProvider.BuiltIn, TrustDomain = Options.TrustDomain,
    };
}
