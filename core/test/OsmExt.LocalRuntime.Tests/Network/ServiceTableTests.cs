using System.Net;
using System.Net.Sockets;
using OsmExt.LocalRuntime.Network;
using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime.Tests.Network;

public sealed class ServiceTableTests
{
    private static readonly Service Cart = Objects.Service("shop", "cart", 80, "10.96.0.10", "fd96::10");
    private static readonly Service Store = Objects.Service("data", "store", 3306);

    [Fact]
    public void Virtual_addresses_go_to_every_ready_endpoint_with_the_same_chance()
    {
        var slice = Objects.SliceOf(
            "shop", "cart", 8080, [new("10.244.0.3"), new("10.244.0.2"), new("10.244.0.4") { Ready = false }, new("10.244.0.1"), new("fd44::1")]);
        var table = ServiceTable.From(
            [Store, Cart], [slice, Objects.Slice("data", "store", 3306, "10.244.9.1"), Objects.Slice("other", "cart", 8080, "10.244.8.8")]);

        Assert.Equal(
            """
            *nat
            :OSM_SERVICES - [0:0]
            -A PREROUTING -j OSM_SERVICES
            -A OUTPUT -j OSM_SERVICES
            -A OSM_SERVICES -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -m statistic --mode random --probability 0.3333333333 -j DNAT --to-destination 10.244.0.1:8080
            -A OSM_SERVICES -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -m statistic --mode random --probability 0.5000000000 -j DNAT --to-destination 10.244.0.2:8080
            -A OSM_SERVICES -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.0.3:8080
            -A POSTROUTING -m conntrack --ctstate DNAT -s 10.244.0.1/32 -d 10.244.0.1/32 -j MASQUERADE
            -A POSTROUTING -m conntrack --ctstate DNAT -s 10.244.0.2/32 -d 10.244.0.2/32 -j MASQUERADE
            -A POSTROUTING -m conntrack --ctstate DNAT -s 10.244.0.3/32 -d 10.244.0.3/32 -j MASQUERADE
            COMMIT

            """,
            ServiceRules.For(table, AddressFamily.InterNetwork));
        Assert.Contains(
            "-A OSM_SERVICES -d fd96::10/128 -p tcp -m tcp --dport 80 -j DNAT --to-destination [fd44::1]:8080\n",
            ServiceRules.For(table, AddressFamily.InterNetworkV6), StringComparison.Ordinal);
    }

    [Fact]
    public void Endpoints_serve_the_port_of_their_name_and_transport()
    {
        var service = Cart with { Ports = [new("http", 80), new("dns", 53) { Transport = "UDP" }, new("dns-tcp", 53)] };
        var slice = Objects.Slice("shop", "cart", 0, "10.244.0.1") with
        {
            Subsets = [new([new("dns", 5353, "UDP"), new("dns-tcp", 5354), new("http", 8080), new("other", 1)], [new("10.244.0.1")])],
        };

        var ports = Assert.Single(ServiceTable.From([service], [slice]).Services).Ports;

        Assert.Equal(
            ["tcp 53 10.244.0.1:5354", "udp 53 10.244.0.1:5353", "tcp 80 10.244.0.1:8080"],
            ports.Select(port => $"{port.Transport} {port.Port} {port.Backends}"));
    }

    [Fact]
    public void Legacy_endpoints_count_only_without_slices()
    {
        var legacy = Objects.Slice("shop", "cart", 8080, "10.244.0.1") with { IsLegacy = true };

        Assert.Single(ServiceTable.From([Cart], [legacy]).Services[0].Members);
        Assert.Equal(
            [IPAddress.Parse("10.244.0.2")],
            ServiceTable.From([Cart], [legacy, Objects.Slice("shop", "cart", 8080, "10.244.0.2")]).Services[0].Members.Select(member => member.Address));
    }

    [Fact]
    public void The_hosts_file_answers_every_name_cluster_dns_would()
    {
        var table = ServiceTable.From(
            [Store, Cart],
            [
                Objects.SliceOf(
                    "data", "store", 3306,
                    [new("10.244.9.1") { Hostname = "store-0" }, new("10.244.9.2") { Hostname = "store-1" }, new("10.244.9.3") { Ready = false }]),
            ]);

        Assert.Equal(
            """
            127.0.0.1 localhost
            10.244.0.5 cart-1
            10.96.0.10 cart.shop.svc.cluster.local cart.shop.svc cart.shop cart
            fd96::10 cart.shop.svc.cluster.local cart.shop.svc cart.shop cart
            10.244.9.1 store-0.store.data.svc.cluster.local store-0.store.data.svc store-0.store.data store.data.svc.cluster.local store.data.svc store.data
            10.244.9.2 store-1.store.data.svc.cluster.local store-1.store.data.svc store-1.store.data store.data.svc.cluster.local store.data.svc store.data

            """,
            HostsFile.For(table, "shop", "cart-1", [IPAddress.Parse("10.244.0.5")]));
    }

    [Fact]
    public void A_name_is_found_in_any_case_and_the_own_namespace_first()
    {
        // "x.y" is both a member of the own headless service y, and the service x of namespace y.
        var table = ServiceTable.From(
            [Objects.Service("y", "x", 80, "10.96.0.1"), Objects.Service("z", "y", 80)],
            [Objects.SliceOf("z", "y", 80, [new Endpoint("10.244.0.1") { Hostname = "x" }])]);
        var text = HostsFile.For(table, "z", "me", [IPAddress.Parse("fd44::5")]);

        Assert.Equal(["10.244.0.1", "10.96.0.1"], HostsFile.Find(text, "X.y").Select(address => address.ToString()));
        Assert.Equal(["10.96.0.1"], HostsFile.Find(text, "x.y.svc.cluster.local.").Select(address => address.ToString()));
        Assert.Equal(["127.0.0.1", "::1"], HostsFile.Find(text, "localhost").Select(address => address.ToString()));
        Assert.Empty(HostsFile.Find(text, "x"));
    }

    [Fact]
    public void What_is_no_name_address_or_port_is_left_out_and_the_rest_works()
    {
        var cart = Cart with { ClusterAddresses = ["None", "10.96", "10.96.0.10"], Ports = [new("", 80), new("x", 0), new("y", 70000)] };
        var slice = Objects.SliceOf("shop", "cart", 8080, [new("10.244.0.1") { Hostname = "a\nb" }, new("7")]) with { IsLegacy = true };
        var other = Objects.Slice("shop", "cart", 70000, "10.244.0.2") with { IsLegacy = true };
        var table = ServiceTable.From([cart, Objects.Service("shop", "x\n10.0.0.1 cart", 80)], [slice, other]);

        var only = Assert.Single(table.Services);
        Assert.Equal("10.96.0.10", only.VirtualAddresses.ToString());
        Assert.Equal("80 10.244.0.1:8080", string.Join(' ', only.Ports.Select(port => $"{port.Port} {port.Backends}")));
        Assert.Equal(["", ""], only.Members.Select(member => member.Hostname));
    }

    [Fact]
    public void Equal_input_in_another_order_gives_equal_tables()
    {
        EndpointSlice[] slices = [Objects.Slice("shop", "cart", 8080, "10.244.0.2", "10.244.0.1"), Objects.Slice("data", "store", 3306, "10.244.9.1")];

        Assert.Equal(ServiceTable.From([Store, Cart], slices), ServiceTable.From([Cart, Store], slices.Reverse()));
    }
}
