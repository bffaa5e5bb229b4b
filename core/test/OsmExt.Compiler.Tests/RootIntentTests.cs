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
        Assert.Equal(new RootIntent(["b"], ["a"], [Home("a"), Home("b")]), Read(Root("b"), Root("a", RootRole.Passive), Root("c", RootRole.Inactive)).Wanted);
        Assert.Equal(new RootIntent(["a", "b"], [], [Home("a"), Home("b")]), Read(Root("b"), Root("a")).Wanted);
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
    }

    [Fact]
    public void Each_root_has_a_trust_domain_of_its_own_and_all_of_them_are_accepted()
    {
        var wanted = Read(Root("b") with { TrustDomain = "corp.example" }, Root("a", RootRole.Passive)).Wanted!;

        Assert.Equal(["cluster.local", "corp.example"], wanted.TrustDomains);
        Assert.Equal(("corp.example", "cluster.local"), (wanted.TrustDomainOf("b"), wanted.TrustDomainOf("a")));
    }

    [Fact]
    public void Roots_elsewhere_do_not_count()
    {
        var (wanted, findings) = Read(Root("a"), Root("b") with { Metadata = new("shop", "b") });
        Assert.Equal(new RootIntent(["a"], [], [Home("a")]), wanted);
        Assert.Equal(DiagnosticCodes.IgnoredObject, Assert.Single(findings).Code);
    }

    private static RootDomain Home(string root) => new(root, Options.TrustDomain);

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
