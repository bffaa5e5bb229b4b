using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Microsoft.Extensions.Logging.Abstractions;
using OsmExt.DataPlane.Bootstraps;
using OsmExt.DataPlane.Tests.Checks;
using OsmExt.DataPlane.Discovery;
using OsmExt.Envoy;
using OsmExt.Xds.Tests.Hosting;
using OsmExt.Xds.Tests.RealEnvoy;

namespace OsmExt.DataPlane.Tests.Discovery;

/// <summary>What the client says and does on a stream, resource by resource.</summary>
public sealed class ProtocolTests : IAsyncLifetime, IDisposable
{
    private readonly RecordedTraffic _traffic = new();
    private readonly CancellationTokenSource _stop = new();
    private XdsTestServer _server = null!;
    private InventoryKeeper _keeper = null!;
    private Task _running = Task.CompletedTask;

    public async Task InitializeAsync()
    {
        _server = await XdsTestServer.StartAsync();
        _keeper = new(_traffic, new(Some.Check(Re2.DefaultProgramSize)), "p", TimeProvider.System, NullLogger.Instance);
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _server.DisposeAsync();
    }

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task A_listener_waits_for_its_routes()
    {
        await ConnectAsync(EnvoyResources.Listener("l", 1, "r"), EnvoyResources.Route("r", "first"));

        _server.Change(EnvoyResources.Listener("m", 2, "s"));
        await _server.WhenAnsweredAsync();
        Assert.Equal(["l"], Listeners);
        Assert.Equal("m", Assert.Single(_keeper.Current.Warming(TypeUrls.Listener)).Resource.Name);

        _server.Change(EnvoyResources.Route("s", "second"));
        await Eventually.HoldsAsync(() => Listeners.SequenceEqual(["l", "m"]), "the listener is in force");
    }

    [Fact]
    public async Task A_changed_listener_leaves_the_old_one_in_force_until_its_routes_are_there()
    {
        await ConnectAsync(EnvoyResources.Listener("l", 1, "r"), EnvoyResources.Route("r", "first"));

        _server.Change(EnvoyResources.Listener("l", 2, "s"));
        await _server.WhenAnsweredAsync();
        Assert.Equal(1u, _traffic.Last.Listeners.Single().Address.SocketAddress.PortValue);
        Assert.NotNull(_traffic.Last.Routes("r"));

        _server.Change(EnvoyResources.Route("s", "second"));
        await Eventually.HoldsAsync(() => _traffic.Last.Listeners.Single().Address.SocketAddress.PortValue == 2, "the new one is in force");
        await Eventually.HoldsAsync(() => Asked(TypeUrls.Route).SequenceEqual(["s"]), "the old routes are no longer asked for");
    }

    [Fact]
    public async Task A_refusal_names_resource_field_and_type_and_the_others_are_taken()
    {
        await ConnectAsync(EnvoyResources.Listener("l", 1, "r"), EnvoyResources.Route("r", "first"));

        var mirrored = Cluster("mirrored");
        mirrored.UpstreamBindConfig = new() { SourceAddress = new() { Address = "127.0.0.1", PortValue = 1 } };
        _server.Change(XdsResource.Create(Cluster("plain"), "plain"), XdsResource.Create(mirrored, "mirrored"));
        await _server.WhenAnsweredAsync();

        Assert.NotNull(_traffic.Last.Cluster("plain"));
        Assert.Null(_traffic.Last.Cluster("mirrored"));
        var said = _server.Registry.Describe().Single().Types.Single(type => type.TypeUrl == TypeUrls.Cluster).LastError!;
        Assert.Contains("Cluster \"mirrored\" (type.googleapis.com/envoy.config.cluster.v3.Cluster)", said, StringComparison.Ordinal);
        Assert.Contains("upstream_bind_config", said, StringComparison.Ordinal);
        Assert.DoesNotContain("plain", said, StringComparison.Ordinal);
        Assert.Contains(new Reference(TypeUrls.Cluster, "mirrored"), _keeper.Current.Refusals.Keys);

        mirrored = Cluster("mirrored");
        _server.Change(XdsResource.Create(mirrored, "mirrored"));
        await _server.WhenAnsweredAsync();
        Assert.NotNull(_traffic.Last.Cluster("mirrored"));
        Assert.Empty(_keeper.Current.Refusals);
    }

    [Fact]
    public async Task What_breaks_Envoys_own_rules_is_refused_and_the_last_good_one_stays()
    {
        await ConnectAsync(EnvoyResources.Listener("l", 1, "r"), EnvoyResources.Route("r", "first"));
        var before = _traffic.Last.Routes("r");

        _server.Change(EnvoyResources.BrokenRoute("r"));
        await _server.WhenAnsweredAsync();

        Assert.Same(before, _traffic.Last.Routes("r"));
        Assert.Contains("virtual_hosts[0].routes[0].match.safe_regex.regex", _server.Registry.Describe().Single().Types.Single(type => type.TypeUrl == TypeUrls.Route).LastError!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Routes_that_are_refused_at_the_start_do_not_keep_everything_else_from_being_served()
    {
        await ConnectAsync(EnvoyResources.Listener("l", 1, "r"), EnvoyResources.BrokenRoute("r"), EnvoyResources.Listener("m", 2, "s"), EnvoyResources.Route("s", "second"));

        Assert.Equal(["l", "m"], Listeners);
        Assert.Null(_traffic.Last.Routes("r"));
    }

    [Fact]
    public async Task A_listener_whose_address_is_in_use_is_refused_and_the_rest_is_in_force()
    {
        await ConnectAsync(EnvoyResources.Listener("l", 1, "r"), EnvoyResources.Route("r", "first"));
        _traffic.Occupied.Add("m");

        _server.Change(EnvoyResources.Listener("m", 2, "r"));
        await _server.WhenAnsweredAsync();

        var said = _server.Registry.Describe().Single().Types.Single(type => type.TypeUrl == TypeUrls.Listener).LastError!;
        Assert.Contains("Listener \"m\"", said, StringComparison.Ordinal);
        Assert.Contains("the address is in use", said, StringComparison.Ordinal);
        Assert.Contains("m", _keeper.Unbound.Keys);
    }

    [Fact]
    public async Task Routes_that_somebody_uses_are_not_given_up_when_the_control_plane_has_them_no_longer()
    {
        await ConnectAsync(EnvoyResources.Listener("l", 1, "r"), EnvoyResources.Route("r", "first"));

        _server.Remove("RDS", "r");
        await _server.WhenAnsweredAsync();
        Assert.NotNull(_traffic.Last.Routes("r"));

        _server.Remove("LDS", "l");
        await _server.WhenAnsweredAsync();
        Assert.Empty(_traffic.Last.Listeners);
        await Eventually.HoldsAsync(() => _keeper.Current.Of(TypeUrls.Route).IsEmpty, "the routes are forgotten");
    }

    [Fact]
    public async Task A_cluster_waits_for_its_endpoints_and_hosts_that_come_by_themselves_are_put_into_their_routes()
    {
        var cluster = Cluster("c");
        cluster.Type = global::Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Eds;
        cluster.EdsClusterConfig = new() { EdsConfig = new() { Ads = new(), ResourceApiVersion = global::Envoy.Config.Core.V3.ApiVersion.V3 } };
        await ConnectAsync(EnvoyResources.Listener("l", 1, "r"), EnvoyResources.SeparateHosts("r", "else"), EnvoyResources.Host("r/shop", "shop", "here"));
        Assert.Contains(_traffic.Last.Routes("r")!.VirtualHosts, host => host.Name == "shop");

        _server.Change(XdsResource.Create(cluster, "c"));
        await _server.WhenAnsweredAsync();
        Assert.Null(_traffic.Last.Cluster("c"));

        _server.Change(XdsResource.Create(new ClusterLoadAssignment { ClusterName = "c" }, "c"));
        await Eventually.HoldsAsync(() => _traffic.Last.Cluster("c") is not null, "the cluster is in force");
        Assert.NotNull(_traffic.Last.Endpoints("c"));
    }

    [Fact]
    public async Task Every_part_that_did_not_change_is_the_same_object_in_the_next_configuration()
    {
        await ConnectAsync(EnvoyResources.Listener("l", 1, "r"), EnvoyResources.SeparateHosts("r", "else"), EnvoyResources.Host("r/shop", "shop", "here"));
        var before = _traffic.Last;

        _server.Change(XdsResource.Create(Cluster("c"), "c"));
        await _server.WhenAnsweredAsync();

        Assert.NotSame(before, _traffic.Last);
        Assert.Same(before.Listeners.Single(), _traffic.Last.Listeners.Single());
        Assert.Same(before.Routes("r"), _traffic.Last.Routes("r"));
    }

    private IEnumerable<string> Listeners => _traffic.Last.Listeners.Select(listener => listener.Name);

    private IEnumerable<string> Asked(string type) => _server.Registry.Describe().Single().Types.Single(view => view.TypeUrl == type).Names;

    private async Task ConnectAsync(params XdsResource[] resources)
    {
        _server.Publish(resources);
        var address = new ControlPlaneAddress("xds", "127.0.0.1", _server.PlaintextAddress.Port);
        _running = new DiscoveryClient(address, NodeIdentity.Of(new() { Id = "p" }), _keeper, TimeProvider.System, new Chance(new Random(1)), NullLogger.Instance).RunAsync(_stop.Token);
        await Eventually.HoldsAsync(() => _keeper.Live.IsCompleted, "everything is in force");
        await _server.WhenAnsweredAsync();
    }

    private static Cluster Cluster(string name) => new() { Name = name, Type = global::Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Static, LoadAssignment = new() { ClusterName = name } };
}
