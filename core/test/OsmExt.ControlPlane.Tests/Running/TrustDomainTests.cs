using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Envoy.Config.Cluster.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Identity;
using OsmExt.Identity.Roots;
using OsmExt.Sdk.Identity;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>From one trust domain to another, by manifests, with proxies that answer at once, late or never.</summary>
public sealed class TrustDomainTests : IDisposable
{
    private const string Home = "cluster.local";
    private const string Away = "corp.example";
    private static readonly (string Name, string Role, string Domain) Old = ("root-a", "active", Home);
    private static readonly (string Name, string Role, string Domain) New = ("root-b", "active", Away);
    private static readonly string[] Naming = [TypeUrls.Listener, TypeUrls.Route, TypeUrls.Secret];
    private static readonly string[] Everybody = [Shop.Buyer, Shop.Store1, Shop.Store2, Shop.Thief, "shop/till"];
    private readonly MeshDirectory _mesh = new();

    public static TheoryData<string> Variants => ["sotw", "delta"];

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_trust_domain_replaces_another_and_back_again(string variant)
    {
        await using var plane = await StartAsync();
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, variant);
        await using var store = await plane.ConnectAsync(Shop.Store1, variant);
        Assert.Equal([Home], DomainsIn(buyer, store));
        var change = 0;
        foreach (var (before, after) in new[] { (Old, New), (New, Old) })
        {
            Write(before, Passive(after));
            await UntilAsync(plane, state => state.Domains.Accepted.Count == 2);
            await plane.SettledAsync();
            Assert.All<TestProxy>([buyer, store], proxy => Assert.Equal([Home, Away], DomainsIn(proxy)));
            Assert.Equal((before.Domain, before.Domain), (DomainOf(buyer), DomainOf(store)));

            Write(Passive(before), after);
            await UntilAsync(plane, state => state.Domains.Issuing == after.Domain);
            await plane.SettledAsync();
            Assert.Equal((after.Domain, after.Domain), (DomainOf(buyer), DomainOf(store)));
            Assert.Equal([Home, Away], DomainsIn(buyer, store));
            Assert.Equal([change], MarksOf(buyer));

            Write(after);
            await UntilAsync(plane, state => state.Domains.Accepted.Count == 1);
            await plane.SettledAsync();
            Assert.Equal([after.Domain], DomainsIn(buyer, store));
            Assert.Equal([++change], MarksOf(buyer));
        }

        var status = await StatusAsync(plane);
        Assert.Equal((Home, Home), ((string?)status["trust_domain"], (string?)status["xds_server_trust_domain"]));
    }

    // In routes, in listeners and in secrets: whoever has refused one of them would refuse requests.
    [Theory]
    [InlineData("RDS rds-inbound")]
    [InlineData("SDS root-cert")]
    public async Task Nothing_is_issued_in_a_domain_that_somebody_does_not_accept_yet_and_the_user_may_turn_back(string refused)
    {
        await using var plane = await StartAsync();
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, "delta");
        await using var store = await plane.ConnectAsync(Shop.Store1, "delta");
        var refusing = refused.StartsWith("SDS", StringComparison.Ordinal) ? buyer : store;
        refusing.Objection = line => line.StartsWith(refused, StringComparison.Ordinal) ? "not now" : null;

        Write(("root-a", "active", Away));
        await UntilStepAsync(plane, "waiting-to-sign");
        await plane.SettledAsync();
        var status = await StatusAsync(plane);
        var waiting = refusing == store ? Shop.Store1 : Shop.Buyer;
        Assert.Equal([waiting], Names(status["waits_for"]));
        var away = Domain(status, Away);
        Assert.Equal((false, true, 1), ((bool)away["issuing"]!, (bool)away["accepted"]!, (int)away["accepted_by"]!));
        Assert.Equal([waiting], Names(away["not_accepted_by"]));
        Assert.Equal((Home, Home), (DomainOf(buyer), DomainOf(store)));
        Assert.Contains(waiting, await plane.DebugTextAsync("/debug/diagnostics"), StringComparison.Ordinal);

        refusing.Objection = _ => null;
        Write(Old);
        await UntilAsync(plane, state => state.Domains is { Issuing: Home, Accepted: [Home], Changes: 0 });
        await plane.SettledAsync();
        Assert.Equal([Home], DomainsIn(buyer, store));
        Assert.Equal([0], MarksOf(buyer));
    }

    [Fact]
    public async Task The_old_domain_is_accepted_until_the_last_proxy_has_opened_its_connections_anew()
    {
        await using var plane = await StartAsync();
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, "delta");
        await using var store = await plane.ConnectAsync(Shop.Store1, "delta");
        buyer.Objection = line => line.StartsWith("CDS", StringComparison.Ordinal) ? "not now" : null;

        Write(New);
        await UntilStepAsync(plane, "waiting-to-drop");
        await plane.SettledAsync();
        var status = await StatusAsync(plane);
        Assert.Equal((Home, Away), ((string?)status["root"], (string?)status["trust_domain"]));
        Assert.Equal([Shop.Buyer], Names(status["waits_for"]));
        Assert.Equal([Shop.Buyer], Names(Domain(status, Home)["used_by"]));
        Assert.Equal(Away, DomainOf(buyer));
        Assert.Equal([Home, Away], DomainsIn(store));

        // Back from here: what was opened in the new domain has to be replaced as well.
        buyer.Objection = _ => null;
        Write(Old);
        await UntilAsync(plane, state => state.Domains is { Issuing: Home, Accepted: [Home], Changes: 2, ConnectionsAfter: 2 });
        await plane.SettledAsync();
        Assert.Equal([Home], DomainsIn(buyer, store));
        Assert.Equal([2], MarksOf(buyer));
    }

    [Fact]
    public async Task A_restart_in_the_middle_goes_on_where_it_was()
    {
        Write(Old, Passive(New));
        await using (var plane = await StartAsync())
        {
            await using var before = await plane.ConnectAsync(Shop.Store1, "delta");
            await UntilAsync(plane, state => state.Domains.Accepted.Count == 2);
        }

        Write(New);
        await using var second = await StartAsync(grace: TimeSpan.FromMinutes(10));
        Assert.Equal((Home, [Home, Away]), (second.Get<MeshRoots>().State.Domains.Issuing, second.Get<MeshRoots>().State.Domains.Accepted));
        await using var store = await second.ConnectAsync(Shop.Store1, "delta");
        Assert.Equal([Home, Away], DomainsIn(store));
        Assert.Equal(Home, DomainOf(store));
        var others = await ConnectAsync(second, [Shop.Buyer, Shop.Store2, Shop.Thief, "shop/till"]);
        await UntilAsync(second, state => state.Domains is { Issuing: Away, Accepted: [Away] });
        await second.SettledAsync();
        Assert.Equal([Away], DomainsIn([store, .. others]));
        foreach (var other in others)
        {
            await other.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_proxy_is_known_by_both_of_its_names_until_everybody_has_a_credential_in_the_new_domain()
    {
        await using var plane = await StartAsync();
        var identity = plane.IdentityOf(Shop.Buyer);
        var old = plane.CertificateOf(identity);
        var trusted = plane.Get<CertificateAuthority>().XdsBundle.Pem;
        await using (await plane.ConnectAsync(Shop.Buyer, "delta"))
        {
            Write(("root-a", "active", Away));
            await UntilAsync(plane, state => state.Domains is { Issuing: Away, Accepted: [Away], XdsServer: Home });
        }

        // With its old credential, and with a new one by which it is still called as in its old bootstrap.
        await using (var back = new TestProxy(plane.Client(old, identity.NodeId, trusted: trusted), "delta"))
        {
            await back.UntilAsync(() => back.IsComplete);
            Assert.Equal(Away, DomainOf(back));
        }

        Assert.Equal(Away, plane.Get<ProxyCertificateVerifier>().Verify(plane.CertificateOf(identity)).Identity!.Workload.TrustDomain);
        var proxies = await ConnectAsync(plane, Everybody);
        await UntilAsync(plane, state => state.Domains is { XdsServer: Away, XdsAccepted: [Away] });
        Assert.Equal("spiffe://corp.example/ads", plane.Get<CertificateAuthority>().XdsServer.SpiffeId);
        Assert.False(plane.Get<ProxyCertificateVerifier>().Verify(old).IsAccepted);
        await using var more = await plane.ConnectAsync(Shop.Buyer, "sotw");
        Assert.Equal("settled", (string?)(await StatusAsync(plane))["step"]);
        foreach (var proxy in proxies)
        {
            await proxy.DisposeAsync();
        }
    }

    private static (string Name, string Role, string Domain) Passive((string Name, string Role, string Domain) root) => root with { Role = "passive" };

    private static async Task<IReadOnlyList<TestProxy>> ConnectAsync(RunningControlPlane plane, IEnumerable<string> pods)
    {
        var proxies = new List<TestProxy>();
        foreach (var pod in pods)
        {
            proxies.Add(await plane.ConnectAsync(pod, "delta"));
        }

        return proxies;
    }

    private Task<RunningControlPlane> StartAsync(TimeSpan grace = default)
        => RunningControlPlane.StartAsync(_mesh, configure: options => options.ReconnectGrace = grace);

    private void Write(params (string Name, string Role, string Domain)[] roots) => _mesh.Write("roots.yaml", string.Join("\n---\n", roots.Select(root => $$"""
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshRootCertificate
        metadata: {name: {{root.Name}}, namespace: osm-system}
        spec:
          role: {{root.Role}}
          trustDomain: {{root.Domain}}
          provider: {tresor: {ca: {secretRef: {name: osm-ca-bundle, namespace: osm-system} } } }
        """)));

    private static Task UntilAsync(RunningControlPlane plane, Func<RootState, bool> condition)
        => Wait.UntilAsync(() => condition(plane.Get<MeshRoots>().State), () => $"{plane.Get<MeshRoots>().State}\n{plane.Logs.Text}");

    private static Task UntilStepAsync(RunningControlPlane plane, string step)
        => Wait.UntilAsync(async () => (string?)(await StatusAsync(plane))["step"] == step, () => plane.Logs.Text);

    private static Task<JsonNode> StatusAsync(RunningControlPlane plane) => plane.DebugAsync("/debug/certificates");

    private static JsonNode Domain(JsonNode status, string name) => status["trust_domains"]!.AsArray().Single(domain => (string?)domain!["name"] == name)!;

    private static IEnumerable<string?> Names(JsonNode? list) => list!.AsArray().Select(name => (string?)name);

    /// <summary>The trust domains of all identities that these proxies have been told, wherever it is.</summary>
    private static SortedSet<string> DomainsIn(params IReadOnlyList<TestProxy> proxies) => new(
        proxies.SelectMany(proxy => Naming.SelectMany(type => proxy.All(type).Values)).SelectMany(held => new[] { Home, Away }
            .Where(domain => Text(held).Contains($"spiffe://{domain}/", StringComparison.Ordinal))), StringComparer.Ordinal);

    // What is packed in a message is not printed with it, but its bytes have the names as they are.
    private static string Text(Held held) => System.Text.Encoding.Latin1.GetString(XdsResource.Serialize(held.Message));

    private static string? DomainOf(TestProxy proxy)
    {
        var secret = proxy.All(TypeUrls.Secret).Values.Select(held => (Secret)held.Message).Single(secret => secret.TlsCertificate is not null);
        using var certificate = X509Certificate2.CreateFromPem(secret.TlsCertificate.CertificateChain.InlineString);
        return SubjectAlternativeNames.TryReadUris(certificate, out var uris) && WorkloadIdentity.TryParse(uris.Single(), out var identity)
            ? identity.TrustDomain : null;
    }

    private static IEnumerable<int> MarksOf(TestProxy proxy)
        => proxy.All(TypeUrls.Cluster).Values.Select(held => ConnectionMark.Read((Cluster)held.Message)).OfType<int>().Distinct();
}
