using System.Net;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.Envoy;
using OsmExt.Simulation;
using OsmExt.Xds.Server;

namespace OsmExt.DataPlane.Tests.Discovery;

/// <summary>The embedded data plane's discovery client against the whole control plane.</summary>
public sealed class ControlPlaneTests : IDisposable
{
    private readonly MeshDirectory _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public async Task It_gets_everything_and_acknowledges_it()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var buyer = await Sidecar.StartAsync(plane, Shop.Buyer);

        var last = buyer.Traffic.Last;
        Assert.Contains(last.Listeners, listener => listener.Name.StartsWith("outbound", StringComparison.Ordinal));
        Assert.Equal(buyer.Identity.Workload.SpiffeId, last.Certificate!.Uris.Single());
        var store = buyer.Keeper.Current.InForce(TypeUrls.Cluster).Keys.First(name => name.Contains("store", StringComparison.Ordinal));
        Assert.Contains("10.0.0.3", EnvoyJson.ToJson(last.Endpoints(store)!), StringComparison.Ordinal);
        var stream = Assert.Single(plane.Get<StreamRegistry>().Describe());
        Assert.All(stream.Types, type => Assert.Null(type.LastError));
        Assert.DoesNotContain("Refused", buyer.Logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_control_plane_knows_what_it_is_and_what_it_can_do()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var buyer = await Sidecar.StartAsync(plane, Shop.Buyer);

        var scope = (await plane.DebugAsync($"/debug/config/{Shop.Buyer}"))["scope"]!;
        Assert.True((bool)scope["embedded"]!);
        Assert.Equal("1.40.0", (string?)scope["envoy_version"]);
        Assert.Equal(Capabilities.Extensions.Keys.Order(StringComparer.Ordinal), scope["extensions"]!.AsArray().Select(type => (string?)type));
    }

    [Fact]
    public async Task Credentials_are_read_for_each_connection()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var buyer = Sidecar.Start(plane, Shop.Buyer, withCredentials: false);
        await Wait.UntilAsync(() => buyer.Logs.Text.Contains("xds-trust.json cannot be read", StringComparison.Ordinal), () => buyer.Logs.Text);

        buyer.Renew(plane);
        await buyer.UntilLiveAsync();
    }

    [Fact]
    public async Task It_gets_the_same_as_a_real_proxy_of_that_pod()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var buyer = await Sidecar.StartAsync(plane, Shop.Buyer);
        await using var other = await plane.ConnectAsync(Shop.Buyer, "delta", node: NodeIdentityOf());
        await other.HasHostsAsync();

        foreach (var type in TypeUrls.PushOrder.Where(type => type != TypeUrls.Secret))
        {
            Assert.Equal(other.All(type).Select(held => (held.Key, held.Value.Version)), buyer.Keeper.Current.Of(type).Select(held => (held.Key, held.Value.Resource.Version)));
        }

        Assert.NotEmpty(buyer.Keeper.Current.Of(TypeUrls.VirtualHost));
    }

    [Fact]
    public async Task A_changed_policy_is_in_force_when_the_control_plane_has_its_answer()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var store = await Sidecar.StartAsync(plane, Shop.Store1);
        var before = store.Traffic.Applied.Count;

        _mesh.Write("policy.yaml", Shop.Policy(path: "/papers.*"));
        await Wait.UntilAsync(() => store.Traffic.Applied.Count > before && RoutesOf(store.Traffic.Last).Contains("/papers.*", StringComparison.Ordinal), () => plane.Logs.Text);
        await plane.SettledAsync();

        Assert.DoesNotContain("/books.*", RoutesOf(store.Traffic.Last), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_goes_is_taken_out_of_force_and_no_longer_asked_for()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var buyer = await Sidecar.StartAsync(plane, Shop.Buyer);
        var cluster = buyer.Keeper.Current.InForce(TypeUrls.Cluster).Keys.First(name => name.Contains("store", StringComparison.Ordinal));
        Assert.NotNull(buyer.Traffic.Last.Cluster(cluster));

        _mesh.Write("policy.yaml", Shop.Policy(sources: "thief"));
        await Wait.UntilAsync(() => buyer.Traffic.Last.Cluster(cluster) is null, () => plane.Logs.Text);
        await plane.SettledAsync();

        await Wait.UntilAsync(() => !buyer.Keeper.Current.Of(TypeUrls.Endpoint).ContainsKey(cluster) && !Asked().Contains(cluster), () => plane.Logs.Text);

        IEnumerable<string> Asked() => plane.Get<StreamRegistry>().Describe().Single().Types.Where(type => type.TypeUrl == TypeUrls.Endpoint).SelectMany(type => type.Names);
    }

    [Fact]
    public async Task It_waits_for_a_control_plane_that_is_away_at_the_start()
    {
        var address = new IPEndPoint(IPAddress.Loopback, FreePort());
        var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var buyer = Sidecar.Start(plane, Shop.Buyer, address.Port);
        await plane.DisposeAsync();
        await Wait.UntilAsync(() => buyer.Logs.Text.Contains("No stream from the control plane", StringComparison.Ordinal), () => buyer.Logs.Text);
        Assert.False(buyer.Keeper.Live.IsCompleted);
        Assert.Empty(buyer.Traffic.Applied);

        await using var late = await RunningControlPlane.StartAsync(_mesh, configure: options => options.XdsAddress = address);
        await buyer.UntilLiveAsync();
        Assert.NotEmpty(buyer.Traffic.Last.Listeners);
    }

    [Fact]
    public async Task While_the_control_plane_is_away_all_stays_and_afterwards_only_news_is_sent()
    {
        var plane = await RunningControlPlane.StartAsync(_mesh);
        var address = new IPEndPoint(IPAddress.Loopback, plane.XdsAddress.Port);
        await using var buyer = await Sidecar.StartAsync(plane, Shop.Buyer);
        await plane.DisposeAsync();
        await Wait.UntilAsync(() => !buyer.Keeper.Counts.IsConnected, () => buyer.Logs.Text);
        var (applied, held) = (buyer.Traffic.Applied.Count, buyer.Keeper.Current);
        _mesh.Write("policy.yaml", Shop.Policy(path: "/papers.*"));

        await using var successor = await RunningControlPlane.StartAsync(_mesh, configure: options => options.XdsAddress = address);
        await Wait.UntilAsync(() => buyer.Keeper.Counts.IsConnected, () => buyer.Logs.Text);
        await successor.SettledAsync();

        // Clusters did not change, so the very same objects are in force.
        Assert.True(buyer.Traffic.Applied.Count >= applied);
        Assert.All(held.Of(TypeUrls.Cluster), cluster => Assert.Same(cluster.Value, buyer.Keeper.Current.Of(TypeUrls.Cluster)[cluster.Key]));
    }

    private static string RoutesOf(ProxyConfiguration configuration)
        => string.Join('\n', configuration.Listeners.Select(listener => EnvoyJson.ToJson(listener))) + EnvoyJson.ToJson(configuration.Routes("rds-inbound.8080") ?? new());

    private static global::Envoy.Config.Core.V3.Node NodeIdentityOf() => DataPlane.Discovery.NodeIdentity.Of(new());

    private static int FreePort()
    {
        using var probe = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        probe.Start();
        return ((System.Net.IPEndPoint)probe.LocalEndpoint).Port;
    }
}
