using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using OsmExt.Envoy;
using OsmExt.Identity;
using OsmExt.Identity.Roots;
using OsmExt.Sdk.Resources;
using Secret = Envoy.Extensions.TransportSockets.Tls.V3.Secret;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>From one root to another, by manifests, with proxies that answer at once, late or never.</summary>
public sealed class RootRotationTests : IDisposable
{
    private const string First = MeshRootCertificate.DefaultName;
    private const string Next = "root-b";
    private static readonly string[] Everybody = [Shop.Buyer, Shop.Store1, Shop.Store2, Shop.Thief, "shop/till"];
    private readonly MeshDirectory _mesh = new();

    public static TheoryData<string> Variants => ["sotw", "delta"];

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_root_replaces_another_and_back_again(string variant)
    {
        await using var plane = await StartAsync();
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, variant);
        await using var store = await plane.ConnectAsync(Shop.Store1, variant);
        foreach (var (before, after) in new[] { (First, Next), (Next, First) })
        {
            Write((before, "active"), (after, "passive"));
            await UntilAsync(plane, state => state.Trusted.Count == 2);
            await plane.SettledAsync();
            Assert.Equal(before, IssuerOf(plane, buyer));
            Assert.Equal(2, RootsOf(buyer).Count);

            Write((before, "passive"), (after, "active"));
            await UntilAsync(plane, state => state.Signing == after);
            await plane.SettledAsync();
            Assert.Equal((after, after), (IssuerOf(plane, buyer), IssuerOf(plane, store)));
            Assert.Equal(2, RootsOf(store).Count);

            Write((after, "active"));
            await UntilAsync(plane, state => state.Trusted.Count == 1);
            await plane.SettledAsync();
            Assert.Equal([plane.Get<MeshRoots>().Find(after)!.Pem], RootsOf(buyer));
            Assert.Equal(RootsOf(buyer), RootsOf(store));
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_user_in_a_hurry_is_held_back_by_the_last_proxy_and_told_which_it_is(string variant)
    {
        await using var plane = await StartAsync();
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, variant);
        await using var store = await plane.ConnectAsync(Shop.Store1, variant);
        store.Objection = line => line.Contains("root-cert", StringComparison.Ordinal) ? "not now" : null;

        Write((Next, "active"));
        await UntilStepAsync(plane, "waiting-to-sign");
        await Wait.UntilAsync(() => RootsOf(buyer).Count == 2, () => plane.Logs.Text);
        await plane.SettledAsync();
        var status = await StatusAsync(plane);
        Assert.Equal(Next, (string?)status["root"]);
        Assert.Equal([Shop.Store1], status["waits_for"]!.AsArray().Select(proxy => (string?)proxy));
        var next = Root(status, Next);
        Assert.Equal((1, 2), ((int)next["trusted_by"]!, (int)status["proxies"]!));
        Assert.Equal([Shop.Store1], next["not_trusted_by"]!.AsArray().Select(proxy => (string?)proxy));
        Assert.Equal(First, IssuerOf(plane, buyer));
        var finding = (await plane.DebugAsync("/debug/diagnostics")).AsArray().Single(finding => (string?)finding!["code"] == "OSM2031")!;
        Assert.Equal($"MeshRootCertificate osm-system/{Next}", (string?)finding["object"]);
        Assert.Contains(Shop.Store1, (string?)finding["message"], StringComparison.Ordinal);

        // A refused version is sent again when it changes, or on another stream.
        await store.DisposeAsync();
        await using var again = await plane.ConnectAsync(Shop.Store1, variant);
        await UntilAsync(plane, state => state is { Signing: Next, Trusted: [Next] });
        await plane.SettledAsync();
        Assert.Equal((Next, Next), (IssuerOf(plane, buyer), IssuerOf(plane, again)));
        Assert.DoesNotContain("OSM2031", await plane.DebugTextAsync("/debug/diagnostics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_a_step_waits_the_user_may_turn_back()
    {
        await using var plane = await StartAsync();
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, "delta");
        await using var store = await plane.ConnectAsync(Shop.Store1, "delta");
        store.Objection = line => line.Contains("root-cert", StringComparison.Ordinal) ? "not now" : null;
        Write((Next, "active"));
        await UntilStepAsync(plane, "waiting-to-sign");

        store.Objection = _ => null;
        Write((First, "active"));
        await UntilAsync(plane, state => state.Trusted.Count == 1);
        await plane.SettledAsync();
        Assert.Equal(First, IssuerOf(plane, store));
        Assert.Single(RootsOf(buyer));
    }

    [Fact]
    public async Task A_proxy_that_was_here_a_moment_ago_is_waited_for()
    {
        await using var plane = await StartAsync(grace: TimeSpan.FromMinutes(10));
        var proxies = await ConnectAsync(plane, Everybody);

        await proxies[1].DisposeAsync();
        await Wait.UntilAsync(async () => await plane.MetricAsync("osm_proxy_connect_count") == 4, () => plane.Logs.Text);
        Write((Next, "active"));
        await UntilStepAsync(plane, "waiting-to-sign");
        await UntilOnlyAsync(plane, Shop.Store1);

        await using var back = await plane.ConnectAsync(Shop.Store1, "delta", proxies[1]);
        await UntilAsync(plane, state => state is { Signing: Next, Trusted: [Next] });
        await DisposeAsync(proxies);
    }

    [Fact]
    public async Task A_restart_in_the_middle_goes_on_where_it_was_when_the_proxies_are_back()
    {
        Write((First, "active"), (Next, "passive"));
        await using (var plane = await StartAsync())
        {
            await using var before = await plane.ConnectAsync(Shop.Buyer, "delta");
            await UntilAsync(plane, state => state.Trusted.Count == 2);
        }

        Write((First, "passive"), (Next, "active"));
        await using var second = await StartAsync(grace: TimeSpan.FromMinutes(10));
        Assert.Equal(2, second.Get<MeshRoots>().State.Trusted.Count);
        var proxies = await ConnectAsync(second, Everybody[1..]);
        await UntilOnlyAsync(second, Everybody[0]);
        Assert.Equal(First, second.Get<MeshRoots>().State.Signing);

        await using var last = await second.ConnectAsync(Everybody[0], "delta");
        await UntilAsync(second, state => state.Signing == Next);
        await second.SettledAsync();
        Assert.Equal(Next, IssuerOf(second, last));
        await DisposeAsync(proxies);
    }

    [Fact]
    public async Task The_xds_port_goes_over_to_the_new_root_when_every_proxy_has_come_with_a_credential_by_it()
    {
        await using var plane = await StartAsync();
        var identity = plane.IdentityOf(Shop.Buyer);
        var (old, trusted) = (plane.CertificateOf(identity), plane.Get<CertificateAuthority>().XdsBundle.Pem);
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, "delta");
        Write((Next, "active"));
        await UntilAsync(plane, state => state.Trusted is [Next]);
        Assert.Equal((First, 2), (plane.Get<MeshRoots>().State.XdsServer, plane.Get<MeshRoots>().State.XdsTrusted.Count));

        // Whoever lost its stream comes back with what it has: the old credential and the old roots.
        await buyer.DisposeAsync();
        await using (var back = new TestProxy(plane.Client(old, identity.NodeId, trusted: trusted), "delta"))
        {
            await back.UntilAsync(() => back.IsComplete);
            Assert.Equal(Next, IssuerOf(plane, back));
        }

        var proxies = await ConnectAsync(plane, Everybody);

        await UntilAsync(plane, state => state is { XdsServer: Next, XdsTrusted: [Next] });
        Assert.Equal(ProxyRefusal.Untrusted, plane.Get<ProxyCertificateVerifier>().Verify(old).Refusal);
        await using var more = await plane.ConnectAsync(Shop.Buyer, "sotw");
        Assert.Equal("settled", (string?)(await StatusAsync(plane))["step"]);
        await DisposeAsync(proxies);
    }

    private static async Task<IReadOnlyList<TestProxy>> ConnectAsync(RunningControlPlane plane, IEnumerable<string> pods)
    {
        var proxies = new List<TestProxy>();
        foreach (var pod in pods)
        {
            proxies.Add(await plane.ConnectAsync(pod, "delta"));
        }

        return proxies;
    }

    private static async Task DisposeAsync(IEnumerable<TestProxy> proxies)
    {
        foreach (var proxy in proxies)
        {
            await proxy.DisposeAsync();
        }
    }

    private Task<RunningControlPlane> StartAsync(TimeSpan grace = default)
        => RunningControlPlane.StartAsync(_mesh, configure: options => options.ReconnectGrace = grace);

    private void Write(params (string Name, string Role)[] roots) => _mesh.Write("roots.yaml", string.Join("\n---\n", roots.Select(root => $$"""
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshRootCertificate
        metadata: {name: {{root.Name}}, namespace: osm-system}
        spec:
          role: {{root.Role}}
          trustDomain: cluster.local
          provider: {tresor: {ca: {secretRef: {name: osm-ca-bundle, namespace: osm-system} } } }
        """)));

    private static Task UntilAsync(RunningControlPlane plane, Func<RootState, bool> condition)
        => Wait.UntilAsync(() => condition(plane.Get<MeshRoots>().State), () => $"{plane.Get<MeshRoots>().State}\n{plane.Logs.Text}");

    private static Task UntilStepAsync(RunningControlPlane plane, string step)
        => Wait.UntilAsync(async () => (string?)(await StatusAsync(plane))["step"] == step, () => plane.Logs.Text);

    private static Task UntilOnlyAsync(RunningControlPlane plane, string proxy) => Wait.UntilAsync(
        async () => (await StatusAsync(plane))["waits_for"]!.AsArray().Select(waited => (string?)waited).SequenceEqual([proxy]), () => plane.Logs.Text);

    private static Task<JsonNode> StatusAsync(RunningControlPlane plane) => plane.DebugAsync("/debug/certificates");

    private static JsonNode Root(JsonNode status, string name) => status["roots"]!.AsArray().Single(root => (string?)root!["name"] == name)!;

    private static string? IssuerOf(RunningControlPlane plane, TestProxy proxy)
    {
        var secret = SecretsOf(proxy).Single(secret => secret.TlsCertificate is not null);
        using var certificate = X509Certificate2.CreateFromPem(secret.TlsCertificate.CertificateChain.InlineString);
        return plane.Get<MeshRoots>().IssuerOf(certificate);
    }

    private static IReadOnlyList<string> RootsOf(TestProxy proxy)
    {
        const string End = "-----END CERTIFICATE-----\n";
        var bundle = SecretsOf(proxy).Where(secret => secret.ValidationContext is not null)
            .Select(secret => secret.ValidationContext.TrustedCa.InlineString).Distinct().Single();
        return [.. bundle.Split(End, StringSplitOptions.RemoveEmptyEntries).Select(pem => pem + End)];
    }

    private static IEnumerable<Secret> SecretsOf(TestProxy proxy) => proxy.All(TypeUrls.Secret).Values.Select(held => (Secret)held.Message);
}
