using System.Net;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OsmExt.Cli.Local;
using OsmExt.Identity;
using OsmExt.Identity.Roots;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Tests;

/// <summary>The credentials of a local mesh's sidecars, in virtual time.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class CredentialRenewalTests : IDisposable
{
    private static readonly ResourceKey Pod = new(nameof(Pod), "shop", "store");
    private static readonly TimeSpan Validity = TimeSpan.FromDays(30);
    private readonly string _folder = Directory.CreateTempSubdirectory("osm-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly CredentialRenewal _renewal;
    private readonly List<string> _replaced = [];
    private bool _running = true;

    public CredentialRenewalTests()
    {
        _renewal = new(() => CredentialRenewal.VersionIn(State), Open, Validity, _time, NullLogger.Instance);
        Directory.CreateDirectory(Sidecar);
        var proxy = new ProxyIdentity(new Guid("5ae1d1b5-9c6f-4c1e-8f6d-0f0a3a9b2c11"), new("cluster.local", "shop", "store"));
        Bootstrap = _renewal.Start(Pod, proxy, new DnsEndPoint("127.0.0.1", 15128), Sidecar, new());
    }

    private string Bootstrap { get; }

    private string State => Path.Join(_folder, "state");

    private string Sidecar => Path.Join(_folder, "sidecar");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_credential_is_renewed_when_a_third_of_its_time_is_left()
    {
        Assert.Contains("path_config_source", Bootstrap, StringComparison.Ordinal);
        var first = Certificate;
        await RenewAsync();
        _time.Advance((Validity * 2 / 3) - TimeSpan.FromMinutes(1));
        await RenewAsync();
        Assert.Empty(_replaced);
        Assert.Equal(first.SerialNumber, Certificate.SerialNumber);

        _time.Advance(TimeSpan.FromMinutes(1));
        await RenewAsync();
        Assert.Equal(["xds-trust.json", "xds-certificate.json"], _replaced);
        Assert.Equal(_time.GetUtcNow() + Validity, Certificate.NotAfter.ToUniversalTime());

        await RenewAsync();
        Assert.Equal(2, _replaced.Count);
    }

    [Fact]
    public async Task After_a_step_of_the_roots_a_credential_follows_in_root_trust_domain_and_trust()
    {
        using (var roots = Open())
        {
            var domains = DomainState.Only("cluster.local") with { Accepted = ["cluster.local", "corp.example"], XdsAccepted = ["cluster.local", "corp.example"] };
            roots.Apply(new("root-b", ["osm-mesh-root-certificate", "root-b"], "osm-mesh-root-certificate", ["osm-mesh-root-certificate", "root-b"], domains.Issue("corp.example")));
        }

        await RenewAsync();
        using var now = Open();
        Assert.Equal("root-b", now.IssuerOf(Certificate));
        Assert.True(SubjectAlternativeNames.TryReadUris(Certificate, out var uris));
        Assert.Equal("spiffe://corp.example/5ae1d1b5-9c6f-4c1e-8f6d-0f0a3a9b2c11/sidecar/store/shop", Assert.Single(uris));
        var trust = Secret("xds-trust")["validation_context"]!;
        Assert.Equal(now.Authority.XdsBundle.Pem, (string?)trust["trusted_ca"]!["inline_string"]);
        Assert.Equal(
            ["spiffe://cluster.local/ads", "spiffe://corp.example/ads"],
            trust["match_typed_subject_alt_names"]!.AsArray().Select(name => (string?)name!["matcher"]!["exact"]));

        _replaced.Clear();
        await RenewAsync();
        Assert.Empty(_replaced);
    }

    [Fact]
    public async Task What_failed_is_tried_again_and_a_sidecar_that_is_gone_is_forgotten()
    {
        _time.Advance(Validity * 2 / 3);
        var before = Certificate.SerialNumber;
        await _renewal.RenewDueAsync((_, _, _) => throw new IOException("no space"), CancellationToken.None);
        Assert.Equal(before, Certificate.SerialNumber);
        await RenewAsync();
        Assert.NotEqual(before, Certificate.SerialNumber);

        _time.Advance(Validity * 2 / 3);
        _running = false;
        await RenewAsync();
        _running = true;
        _replaced.Clear();
        await RenewAsync();
        Assert.Empty(_replaced);
    }

    private X509Certificate2 Certificate => X509Certificate2.CreateFromPem((string)Secret("xds-certificate")["tls_certificate"]!["certificate_chain"]!["inline_string"]!);

    private JsonNode Secret(string name) => JsonNode.Parse(File.ReadAllText(Path.Join(Sidecar, $"{name}.json")))!["resources"]![0]!;

    private MeshRoots Open() => MeshRoots.Open(State, "cluster.local", _time, NullLogger<CaDirectory>.Instance);

    // As the local runtime does it.
    private Task RenewAsync() => _renewal.RenewDueAsync((pod, write, _) =>
    {
        Assert.Equal(Pod, pod);
        if (_running)
        {
            var arriving = Directory.CreateDirectory(Path.Join(_folder, "arriving")).FullName;
            foreach (var file in write(arriving))
            {
                File.Move(Path.Join(arriving, file), Path.Join(Sidecar, file), overwrite: true);
                _replaced.Add(file);
            }
        }

        return Task.FromResult(_running);
    }, CancellationToken.None);
}
