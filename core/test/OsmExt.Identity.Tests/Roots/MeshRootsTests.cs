using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using OsmExt.Identity.Roots;

namespace OsmExt.Identity.Tests.Roots;

/// <summary>The roots of a state directory, and going from one to another.</summary>
public sealed class MeshRootsTests : IDisposable
{
    private const string First = "osm-mesh-root-certificate";
    private static readonly RootState Both = new(First, ["second", First], First, ["second", First], DomainState.Only(TestMesh.TrustDomain));
    private readonly TempDirectory _state = new();
    private readonly FakeTimeProvider _time = TestMesh.NewTime();

    public void Dispose() => _state.Dispose();

    [Fact]
    public void A_root_is_made_when_it_is_first_needed_and_a_restart_goes_on_where_the_last_process_stopped()
    {
        string bundle;
        using (var roots = Open())
        {
            Assert.Equal(RootState.Initial(TestMesh.TrustDomain), roots.State);
            Assert.False(Directory.Exists(_state["roots"]));
            roots.Apply(Both);
            roots.Apply(Both with { Signing = "second" });
            bundle = roots.Authority.Bundle.Pem;
            Assert.Equal(2, roots.Authority.Bundle.Roots.Count);
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, ModeOf(_state["roots/second/ca/root.key"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, ModeOf(_state["roots/state.json"]));
        using var again = Open();
        Assert.Equal(Both with { Signing = "second" }, again.State);
        Assert.Equal(bundle, again.Authority.Bundle.Pem);
        Assert.Equal("second", IssuerOf(again, again.Authority.Issue(TestMesh.Workload(), TestMesh.Day).ChainPem));
    }

    [Fact]
    public void Another_root_issues_new_certificates_at_once_and_the_old_one_again_after_a_roll_back()
    {
        using var roots = Open();
        using var certificates = new WorkloadCertificates(roots.Authority.Issue, _time, new RecordingLogger<WorkloadCertificates>());
        var credentials = new XdsServerCredentials(roots.Authority, TestMesh.Day, _time, new RecordingLogger<XdsServerCredentials>());
        var before = certificates.Get(TestMesh.Workload(), TestMesh.Day);
        Assert.Equal(First, roots.IssuerOf(credentials.Current.TargetCertificate));

        roots.Apply(Both with { Signing = "second", XdsServer = "second" });
        Assert.Same(before, certificates.Get(TestMesh.Workload(), TestMesh.Day));
        certificates.Supersede();
        credentials.Supersede();
        var other = certificates.Get(TestMesh.Workload(), TestMesh.Day);
        Assert.Equal("second", IssuerOf(roots, other.ChainPem));
        Assert.NotEqual(before.Version, other.Version);
        Assert.Same(other, certificates.Get(TestMesh.Workload(), TestMesh.Day));
        Assert.Equal("second", roots.IssuerOf(credentials.Current.TargetCertificate));

        roots.Apply(Both);
        certificates.Supersede();
        Assert.Equal(before.Version, certificates.Get(TestMesh.Workload(), TestMesh.Day).Version);
    }

    [Fact]
    public void Certificates_are_issued_in_the_domain_of_the_moment_and_proxies_of_both_are_let_in_meanwhile()
    {
        var both = DomainState.Only(TestMesh.TrustDomain) with { Accepted = [TestMesh.TrustDomain, "corp.example"], XdsAccepted = [TestMesh.TrustDomain, "corp.example"] };
        using var roots = Open();
        var verifier = new ProxyCertificateVerifier(() => roots.Authority.XdsBundle, _time);
        using var old = TestMesh.Load(roots.Authority.Issue(TestMesh.Proxy(), TestMesh.Day));
        var before = roots.Authority.Issue(TestMesh.Workload(), TestMesh.Day);

        roots.Apply(RootState.Initial(TestMesh.TrustDomain) with { Domains = both.Issue("corp.example") });
        var after = roots.Authority.Issue(TestMesh.Workload(), TestMesh.Day);
        var renewed = roots.Authority.Issue(TestMesh.Proxy(), TestMesh.Day);
        using var credential = TestMesh.Load(renewed);
        Assert.Equal((before.Identity, "corp.example"), (after.Identity, renewed.Identity.Workload.TrustDomain));
        Assert.NotEqual(before.Version, after.Version);
        Assert.Equal(TestMesh.Workload(trustDomain: "corp.example").SpiffeId, Assert.Single(UrisOf(after.ChainPem)));
        Assert.Equal("spiffe://cluster.local/ads", roots.Authority.XdsServer.SpiffeId);
        Assert.Equal(TestMesh.Proxy(), verifier.Verify(old).Identity);
        Assert.Equal(TestMesh.Proxy(trustDomain: "corp.example"), verifier.Verify(credential).Identity);

        roots.Apply(RootState.Initial(TestMesh.TrustDomain) with { Domains = DomainState.Only("corp.example") with { Changes = 1, ConnectionsAfter = 1 } });
        Assert.Equal(ProxyRefusal.ForeignTrustDomain, verifier.Verify(old).Refusal);
        Assert.True(verifier.Verify(credential).IsAccepted);
        Assert.Equal("spiffe://corp.example/ads", roots.Authority.XdsServer.SpiffeId);
        roots.Dispose();
        using var again = Open();
        Assert.Equal(DomainState.Only("corp.example") with { Changes = 1, ConnectionsAfter = 1 }, again.State.Domains);
    }

    [Fact]
    public void A_state_from_before_trust_domains_could_change_has_the_one_it_was_started_with()
    {
        Open().Dispose();
        Directory.CreateDirectory(_state["roots"]);
        File.WriteAllText(_state["roots/state.json"], $$"""
            {"signing": "{{First}}", "trusted": ["{{First}}"], "xds_server": "{{First}}", "xds_trusted": ["{{First}}"]}
            """);

        using var roots = Open();
        Assert.Equal(RootState.Initial(TestMesh.TrustDomain), roots.State);
    }

    [Fact]
    public void The_xds_port_believes_the_roots_of_the_moment()
    {
        using var roots = Open();
        var verifier = new ProxyCertificateVerifier(() => roots.Authority.XdsBundle, _time);
        using var old = TestMesh.Load(roots.Authority.Issue(TestMesh.Proxy(), TestMesh.Day));
        Assert.True(verifier.Verify(old).IsAccepted);

        roots.Apply(Both with { Signing = "second" });
        using var renewed = TestMesh.Load(roots.Authority.Issue(TestMesh.Proxy(), TestMesh.Day));
        Assert.True(verifier.Verify(old).IsAccepted);
        Assert.True(verifier.Verify(renewed).IsAccepted);

        roots.Apply(new("second", ["second"], "second", ["second"], Both.Domains));
        Assert.Equal(ProxyRefusal.Untrusted, verifier.Verify(old).Refusal);
        Assert.True(verifier.Verify(renewed).IsAccepted);
    }

    [Fact]
    public void What_cannot_be_written_down_is_not_put_in_force()
    {
        using var roots = Open();
        Directory.CreateDirectory(_state["roots/state.json"]);

        Assert.Throws<CertificateAuthorityException>(() => roots.Apply(Both));
        Assert.Equal(RootState.Initial(TestMesh.TrustDomain), roots.State);
        Assert.Single(roots.Authority.Bundle.Roots);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"signing": "a"}""")]
    [InlineData("""{"signing": "a", "trusted": [], "xds_server": "a", "xds_trusted": [], "domains": {"issuing": "b"}}""")]
    public void A_damaged_state_is_named_and_not_taken_for_a_new_mesh(string content)
    {
        Open().Dispose();
        Directory.CreateDirectory(_state["roots"]);
        File.WriteAllText(_state["roots/state.json"], content);

        var failure = Assert.Throws<CertificateAuthorityException>(() => Open().Dispose());
        Assert.Contains(_state["roots/state.json"], failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("")]
    public void A_root_stays_in_its_directory(string name)
    {
        using var roots = Open();
        Assert.Throws<ArgumentException>(() => roots.Apply(Both with { Signing = name }));
    }

    private MeshRoots Open() => MeshRoots.Open(_state.Path, TestMesh.TrustDomain, _time, new RecordingLogger<CaDirectory>());

    private static System.Collections.Immutable.ImmutableArray<string> UrisOf(string pem)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        Assert.True(SubjectAlternativeNames.TryReadUris(certificate, out var uris));
        return uris;
    }

    private static string? IssuerOf(MeshRoots roots, string pem)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return roots.IssuerOf(certificate);
    }

    private static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);
}
