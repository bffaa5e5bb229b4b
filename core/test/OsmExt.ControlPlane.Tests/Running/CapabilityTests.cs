using System.Runtime.CompilerServices;
using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Rbac.V3;
using Envoy.Type.V3;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Sdk.Ir;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>Proxies are sent what they offer and nothing else, each of a workload's proxies for itself.</summary>
public sealed class CapabilityTests : IDisposable
{
    private static readonly ProxyCapabilities Old = Capabilities.OfRelease("1.36.2");
    private static readonly ProxyCapabilities New = Capabilities.OfRelease("1.40.0");
    private readonly MeshDirectory _mesh = new();

    public CapabilityTests() => _mesh.Write("00-mesh.yaml", Shop.Config(metrics: true));

    public static TheoryData<string> Variants => ["sotw", "delta"];

    public void Dispose() => _mesh.Dispose();

    // Its request counters are what the newer Envoy has and the older has not.
    private Task<RunningControlPlane> CountingAsync([CallerFilePath] string here = "") => RunningControlPlane.StartAsync(_mesh,
        configure: options => options.Plugins = Path.Combine(Path.GetDirectoryName(here)!, "../../../..", "plugins", "OsmExt.Plugin.Delivery.Flagger"));

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task An_old_and_a_new_Envoy_in_one_mesh_get_what_each_offers(string variant)
    {
        _mesh.Write("second.yaml", Shop.Pod("buyer-2", "buyer", 50));
        await using var plane = await CountingAsync();
        await using var newer = await plane.ConnectAsync(Shop.Buyer, variant, node: NodeOf(New));
        await using var older = await plane.ConnectAsync("shop/buyer-2", variant, node: NodeOf(Old));

        Assert.Contains(TypesSent(newer), type => !Old.Offers(type));
        Assert.All(TypesSent(newer), type => Assert.True(New.Offers(type), type));
        Assert.All(TypesSent(older), type => Assert.True(Old.Offers(type), type));
        Assert.Equal(newer.All(TypeUrls.Cluster).Keys, older.All(TypeUrls.Cluster).Keys);
        Assert.Contains("1.36.2", await plane.DebugTextAsync("/debug/diagnostics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_one_Envoy_replaces_another_in_a_pod_each_keeps_what_it_offers()
    {
        await using var plane = await CountingAsync();
        await using var old = await plane.ConnectAsync(Shop.Buyer, "delta", node: NodeOf(Old));
        old.ForgetLog();
        await using var successor = await plane.ConnectAsync(Shop.Buyer, "delta", node: NodeOf(New));
        Assert.Contains(TypesSent(successor), type => !Old.Offers(type));

        Assert.Empty(old.Log);
        Assert.All(TypesSent(old), type => Assert.True(Old.Offers(type), type));
        Assert.Equal(1, await plane.MetricAsync("osm_proxy_connect_count"));
        Assert.Equal(2, await plane.MetricAsync("osm_proxy_scope_count"));

        await old.DisposeAsync();
        await Wait.UntilAsync(async () => await plane.MetricAsync("osm_xds_streams") == 1, () => plane.Logs.Text);
        Assert.Equal("1.40.0", (string?)(await plane.DebugAsync($"/debug/config/{Shop.Buyer}"))["scope"]!["envoy_version"]);
    }

    [Fact]
    public async Task What_a_build_lacks_is_left_out_and_said_and_the_rest_is_served()
    {
        var limited = new ProxyCapabilities("1.36.2", Old.TypeUrls.Where(type => type != RBAC.Descriptor.FullName));
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var store = await plane.ConnectAsync(Shop.Store1, "delta", node: NodeOf(limited));
        await using var whole = await plane.ConnectAsync(Shop.Store2, "delta", node: NodeOf(Old));

        Assert.All(TypesSent(store), type => Assert.True(limited.Offers(type), type));
        Assert.Contains(TypesSent(whole), type => type == RBAC.Descriptor.FullName);

        // The listener that was to check who calls is not opened without the check.
        Assert.Contains("inbound-listener", whole.All(TypeUrls.Listener).Keys);
        Assert.DoesNotContain("inbound-listener", store.All(TypeUrls.Listener).Keys);
        Assert.NotEmpty(store.All(TypeUrls.Listener));
        var finding = (await plane.DebugAsync("/debug/diagnostics")).AsArray().First(finding => ((string?)finding!["message"])!.Contains("inbound-listener", StringComparison.Ordinal))!;
        Assert.Equal("OSM3002", (string?)finding["code"]);
        Assert.Contains(RBAC.Descriptor.FullName, (string?)finding["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replicas_of_one_kind_share_a_scope_and_others_do_not()
    {
        _mesh.Write("third.yaml", Shop.Pod("store-3", "store", 50));
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var store1 = await plane.ConnectAsync(Shop.Store1, "delta", node: NodeOf(New));
        await using var store2 = await plane.ConnectAsync(Shop.Store2, "delta", node: NodeOf(New));
        await Wait.UntilAsync(async () => await plane.MetricAsync("osm_proxy_connect_count") == 2, () => plane.Logs.Text);
        Assert.Equal(1, await plane.MetricAsync("osm_proxy_scope_count"));

        // Order and repetition of what a proxy lists mean nothing.
        var again = NodeOf(New);
        again.Extensions.Add(again.Extensions.Reverse().ToArray());
        await using var another = await plane.ConnectAsync(Shop.Store2, "delta", node: again);
        Assert.Equal(1, await plane.MetricAsync("osm_proxy_scope_count"));

        await using var old = await plane.ConnectAsync("shop/store-3", "delta", node: NodeOf(Old));
        await Wait.UntilAsync(async () => await plane.MetricAsync("osm_proxy_scope_count") == 2, () => plane.Logs.Text);
    }

    [Theory]
    [InlineData("1.40.0", "delta", true)]
    [InlineData("1.40.0", "sotw", false)]
    [InlineData("1.36.2", "delta", false)]
    public async Task Only_a_proxy_that_takes_virtual_hosts_by_themselves_is_sent_them_so(string version, string variant, bool separate)
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, variant, node: NodeOf(Capabilities.OfRelease(version)));
        const string Host = "outbound_virtual-host|store.shop.svc.cluster.local";
        await buyer.UntilAsync(() => Hosts().Length > 0);
        Assert.Equal([separate ? $"rds-outbound.80/{Host}" : Host], Hosts());
        Assert.Equal(separate, buyer.All(TypeUrls.VirtualHost).Count == 1);

        // A limit on requests is a matter of the host alone.
        await plane.SettledAsync();
        buyer.ForgetLog();
        _mesh.Write("setting.yaml", Shop.RequestTimeout("store", "3s"));
        await buyer.UntilAsync(() => buyer.Log.Contains(separate ? $"VHDS rds-outbound.80/{Host}" : "RDS rds-outbound.80"));
        await plane.SettledAsync();
        Assert.DoesNotContain(separate ? "RDS rds-outbound.80" : $"VHDS rds-outbound.80/{Host}", buyer.Log);

        string[] Hosts() =>
        [
            .. buyer.All(TypeUrls.Route).Values.SelectMany(held => ((RouteConfiguration)held.Message).VirtualHosts).Select(host => host.Name),
            .. buyer.All(TypeUrls.VirtualHost).Values.Select(held => ((VirtualHost)held.Message).Name),
        ];
    }

    [Fact]
    public async Task What_a_proxy_offers_can_be_seen()
    {
        await using var plane = await RunningControlPlane.StartAsync(_mesh);
        await using var store = await plane.ConnectAsync(Shop.Store1, "delta", node: NodeOf(Old));

        Assert.Contains("1.36.2", (string?)(await plane.DebugAsync("/debug/proxies"))[0]!["envoy"], StringComparison.Ordinal);
        var scope = (await plane.DebugAsync($"/debug/config/{Shop.Store1}"))["scope"]!;
        Assert.Equal("1.36.2", (string?)scope["envoy_version"]);
        Assert.Equal(Old.TypeUrls.Order(StringComparer.Ordinal), scope["extensions"]!.AsArray().Select(type => (string)type!));
    }

    private static string[] TypesSent(TestProxy proxy)
        => [.. TypeUrls.PushOrder.SelectMany(type => proxy.All(type).Values).SelectMany(held => TypeUrlUse.In(held.Message)).Distinct(StringComparer.Ordinal)];

    /// <summary>As Envoy describes itself.</summary>
    internal static Node NodeOf(ProxyCapabilities capabilities)
    {
        var version = Version.Parse(capabilities.Version);
        return new()
        {
            UserAgentName = "envoy",
            UserAgentBuildVersion = new() { Version = new SemanticVersion { MajorNumber = (uint)version.Major, MinorNumber = (uint)version.Minor,
                Patch = (uint)version.Build } },
            Extensions = { capabilities.TypeUrls.Select(type => new Extension { Name = "of " + type, TypeUrls = { type } }) },
        };
    }
}
