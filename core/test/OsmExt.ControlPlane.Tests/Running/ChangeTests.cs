using System.Security.Cryptography.X509Certificates;
using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.Envoy;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>From a file that changes to what proxies are sent, and no more than that.</summary>
public sealed class ChangeTests : IDisposable
{
    private readonly MeshDirectory _mesh = new();

    public static TheoryData<string> Variants => ["sotw", "delta"];

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_policy_change_reaches_only_whom_it_concerns(string variant)
    {
        await using var world = await World.StartAsync(_mesh, variant);

        _mesh.Write("policy.yaml", Shop.Policy("/other.*"));
        await world.Store.UntilAsync(() => world.Store.Log.Length > 0);
        await world.Plane.SettledAsync();

        Assert.Equal(["RDS rds-inbound.8080"], world.Store.Log);
        Assert.Empty(world.Buyer.Log);
        Assert.Empty(world.Thief.Log);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task An_endpoint_that_goes_is_an_endpoint_response_to_its_clients_and_nothing_else(string variant)
    {
        await using var world = await World.StartAsync(_mesh, variant);

        _mesh.Write("endpoints-store.yaml", Shop.StoreEndpoints(second: false));
        await world.Buyer.UntilAsync(() => world.Buyer.Log.Length > 0);
        await world.Plane.SettledAsync();

        Assert.Equal(["EDS shop/store|8080"], world.Buyer.Log);
        Assert.Empty(world.Store.Log);
        Assert.Empty(world.Thief.Log);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task What_is_allowed_anew_arrives_before_it_is_used_and_what_is_taken_away_goes_last(string variant)
    {
        await using var world = await World.StartAsync(_mesh, variant);

        _mesh.Write("policy.yaml", Shop.Policy("/books.*", "buyer", "thief"));
        await world.Thief.UntilAsync(() => world.Thief.IsComplete && world.Thief.All(TypeUrls.Route).Count > 0);
        await world.Plane.SettledAsync();
        var arrived = world.Thief.Log.Select(line => line[..3]).ToList();
        Assert.True(arrived.IndexOf("CDS") < arrived.IndexOf("EDS") && arrived.IndexOf("EDS") < arrived.IndexOf("LDS")
            && arrived.IndexOf("LDS") < arrived.IndexOf("RDS"), string.Join('\n', world.Thief.Log));

        world.Thief.ForgetLog();
        _mesh.Write("policy.yaml", Shop.Policy());
        await world.Thief.UntilAsync(() => !world.Thief.All(TypeUrls.Cluster).ContainsKey("shop/store|8080"));
        await world.Plane.SettledAsync();
        var gone = world.Thief.Log.Select(line => line[..3]).ToList();
        Assert.True(gone.LastIndexOf("LDS") < gone.LastIndexOf("CDS"), string.Join('\n', world.Thief.Log));
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_file_that_breaks_keeps_what_was_good_and_is_reported(string variant)
    {
        await using var world = await World.StartAsync(_mesh, variant);
        var routes = world.Store.Find(TypeUrls.Route, "rds-inbound.8080")!.Version;

        _mesh.Write("policy.yaml", "apiVersion: [this is\n  not: yaml");
        await Wait.UntilAsync(async () => (await world.Plane.DebugTextAsync("/debug/diagnostics")).Contains("policy.yaml",
            StringComparison.Ordinal), () => "no diagnostic");
        await world.Plane.SettledAsync();
        var finding = (await world.Plane.DebugAsync("/debug/diagnostics")).AsArray().First(finding => (string?)finding!["file"] == "policy.yaml");
        Assert.Equal("error", (string?)finding!["severity"]);
        Assert.False(string.IsNullOrEmpty((string?)finding["advice"]));
        Assert.Empty(world.Store.Log);
        Assert.Empty(world.Buyer.Log);

        // Other files go on to be read meanwhile, and the mended file is taken.
        _mesh.Write("endpoints-store.yaml", Shop.StoreEndpoints(second: false));
        await world.Buyer.UntilAsync(() => world.Buyer.Log.Contains("EDS shop/store|8080"));
        _mesh.Write("policy.yaml", Shop.Policy("/mended.*"));
        await world.Store.UntilAsync(() => world.Store.Find(TypeUrls.Route, "rds-inbound.8080")!.Version != routes);
        await Wait.UntilAsync(async () => !(await world.Plane.DebugTextAsync("/debug/diagnostics")).Contains("policy.yaml",
            StringComparison.Ordinal), () => "still reported");
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Another_size_of_rsa_keys_sends_new_certificates_and_nothing_else(string variant)
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh, compiler: new() { RsaCertificates = true });
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, variant);
        Assert.Equal(2048, KeySizeOf(buyer));
        buyer.ForgetLog();

        _mesh.Write("00-mesh.yaml", Shop.Config(keyBits: 3072));
        await buyer.UntilAsync(() => buyer.Log.Length > 0);
        await plane.SettledAsync();

        Assert.StartsWith("SDS ", Assert.Single(buyer.Log), StringComparison.Ordinal);
        Assert.Equal(3072, KeySizeOf(buyer));
    }

    [Fact]
    public async Task A_file_written_in_two_halves_is_never_taken_for_half()
    {
        await using var world = await World.StartAsync(_mesh, "delta");
        var policy = Shop.Policy("/written.*");
        var half = policy.IndexOf("---", StringComparison.Ordinal) + 3;

        // The first half alone is well-formed, and without its second half nobody could reach the store.
        await using (var file = new StreamWriter(_mesh.PathOf("policy.yaml"), append: false))
        {
            await file.WriteAsync(policy.AsMemory(0, half));
            await file.FlushAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(150), TimeProvider.System, CancellationToken.None);
            await file.WriteAsync(policy.AsMemory(half));
        }

        await world.Store.UntilAsync(() => world.Store.Log.Length > 0);
        await world.Plane.SettledAsync();
        Assert.Equal(["RDS rds-inbound.8080"], world.Store.Log.Distinct());
        Assert.All(world.Buyer.Log, line => Assert.DoesNotContain("-", line.Replace("rds-outbound", "", StringComparison.Ordinal),
            StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_refused_version_is_recorded_and_waits_for_the_next_change(string variant)
    {
        await using var world = await World.StartAsync(_mesh, variant);
        await using var replica = await world.Plane.ConnectAsync(Shop.Store2, variant);
        var before = replica.Find(TypeUrls.Route, "rds-inbound.8080")!.Version;
        world.Store.Objection = line => line.StartsWith("RDS", StringComparison.Ordinal) ? "rds-inbound.8080: I do not like it" : null;

        _mesh.Write("policy.yaml", Shop.Policy("/bad.*"));
        await world.Store.UntilAsync(() => world.Store.Log.Length > 0);
        await replica.UntilAsync(() => replica.Find(TypeUrls.Route, "rds-inbound.8080")!.Version != before);
        await world.Plane.SettledAsync();
        var type = (await world.Plane.DebugAsync($"/debug/proxies/{Shop.Store1}"))[0]!["types"]!.AsArray().Single(type => (string?)type!["type"] == "RouteConfiguration")!;
        var rejection = Assert.Single(type["rejections"]!.AsArray())!;
        Assert.Equal("rds-inbound.8080", (string?)rejection["name"]);
        Assert.Contains("I do not like it", (string?)rejection["message"], StringComparison.Ordinal);
        Assert.Equal(1, await world.Plane.MetricAsync("osm_xds_rejections_total", "type=\"route\""));
        Assert.Equal(1, (int)(await world.Plane.DebugAsync("/debug/proxies")).AsArray().Single(proxy => (string?)proxy!["proxy"] == Shop.Store1)!["rejected"]!);

        // Other changes do not bring it back.
        _mesh.Write("endpoints-till.yaml", "");
        _mesh.Write("late.yaml", Shop.Pod("late", "store", 99));
        await Wait.UntilAsync(() => world.Plane.Pipeline.State!.Proxies.Find(new("Pod", "shop", "late")) is not null, () => "no pod");
        await world.Plane.SettledAsync();
        Assert.Equal(["RDS rds-inbound.8080"], world.Store.Log);

        world.Store.Objection = _ => null;
        _mesh.Write("policy.yaml", Shop.Policy("/good.*"));
        await world.Store.UntilAsync(() => world.Store.Log.Length > 1);
        await world.Plane.SettledAsync();
        Assert.Equal(0, (int)(await world.Plane.DebugAsync("/debug/proxies")).AsArray().Single(proxy => (string?)proxy!["proxy"] == Shop.Store1)!["rejected"]!);
    }

    [Fact]
    public async Task A_client_that_never_answers_holds_up_nobody_else()
    {
        await using var world = await World.StartAsync(_mesh, "delta");
        var identity = world.Plane.IdentityOf(Shop.Store2);
        await using var client = world.Plane.Client(world.Plane.CertificateOf(identity), identity.NodeId);
        await using var silent = client.OpenDelta();
        await silent.SubscribeAsync(TypeUrls.Cluster, "*");
        await silent.SubscribeAsync(TypeUrls.Route, "rds-inbound.8080");
        await silent.NextAsync(TypeUrls.Route);

        for (var change = 0; change < 3; change++)
        {
            world.Store.ForgetLog();
            _mesh.Write("policy.yaml", Shop.Policy($"/change-{change}.*"));
            await world.Store.UntilAsync(() => world.Store.Log.Length > 0);
        }

        // It is owed one response, the newest, however many changes there were.
        Assert.Single(silent.Received, response => response.TypeUrl == TypeUrls.Route);
    }

    [Fact]
    public async Task A_pod_that_changes_its_labels_moves_without_reconnecting()
    {
        await using var world = await World.StartAsync(_mesh, "delta");

        _mesh.Write("workloads.yaml", Shop.Workloads.Replace("name: thief\n  namespace: shop\n  labels: {app: thief}",
            "name: thief\n  namespace: shop\n  labels: {app: till}", StringComparison.Ordinal));
        await world.Thief.UntilAsync(() => world.Thief.All(TypeUrls.Cluster).ContainsKey("shop/till|9000|local")
            && world.Thief.All(TypeUrls.Listener).ContainsKey("inbound-listener"));
        await world.Thief.UntilAsync(() => world.Thief.IsComplete);
        await world.Plane.SettledAsync();

        Assert.Contains("service-cert:shop/thief", world.Thief.All(TypeUrls.Secret).Keys);
        Assert.Empty(world.Store.Log);
    }

    private static int KeySizeOf(TestProxy proxy)
    {
        var secrets = proxy.All(TypeUrls.Secret).Values.Select(held => (Secret)held.Message);
        using var leaf = X509Certificate2.CreateFromPem(secrets.Single(secret => secret.TlsCertificate is not null).TlsCertificate.CertificateChain.InlineString);
        using var key = leaf.GetRSAPublicKey()!;
        return key.KeySize;
    }

    /// <summary>A control plane and three proxies that have all they need, their logs empty.</summary>
    private sealed record World(RunningControlPlane Plane, TestProxy Buyer, TestProxy Store, TestProxy Thief) : IAsyncDisposable
    {
        public static async Task<World> StartAsync(MeshDirectory mesh, string variant)
        {
            var plane = await RunningControlPlane.StartAsync(mesh);
            var world = new World(plane, await plane.ConnectAsync(Shop.Buyer, variant), await plane.ConnectAsync(Shop.Store1, variant),
                await plane.ConnectAsync(Shop.Thief, variant));
            foreach (var proxy in new[] { world.Buyer, world.Store, world.Thief })
            {
                proxy.ForgetLog();
            }

            return world;
        }

        public async ValueTask DisposeAsync()
        {
            await Buyer.DisposeAsync();
            await Store.DisposeAsync();
            await Thief.DisposeAsync();
            await Plane.DisposeAsync();
        }
    }
}
