using System.Net;
using System.Net.Sockets;

namespace OsmExt.Interception.Tests;

public sealed class InterceptionRulesTests
{
    [Fact]
    public void Without_exclusions_everything_but_the_sidecar_s_own_ports_is_redirected()
    {
        const string Expected = """
            *nat
            :OSM_PROXY_INBOUND - [0:0]
            :OSM_PROXY_IN_REDIRECT - [0:0]
            :OSM_PROXY_OUTBOUND - [0:0]
            :OSM_PROXY_OUT_REDIRECT - [0:0]
            -A OSM_PROXY_IN_REDIRECT -p tcp -j REDIRECT --to-ports 15003
            -A PREROUTING -p tcp -j OSM_PROXY_INBOUND
            -A OSM_PROXY_INBOUND -p tcp --dport 15010 -j RETURN
            -A OSM_PROXY_INBOUND -p tcp --dport 15901 -j RETURN
            -A OSM_PROXY_INBOUND -p tcp --dport 15902 -j RETURN
            -A OSM_PROXY_INBOUND -p tcp --dport 15903 -j RETURN
            -A OSM_PROXY_INBOUND -p tcp --dport 15904 -j RETURN
            -A OSM_PROXY_INBOUND -p tcp -j OSM_PROXY_IN_REDIRECT
            -A OSM_PROXY_OUT_REDIRECT -p tcp -j REDIRECT --to-ports 15001
            -A OUTPUT -p tcp -j OSM_PROXY_OUTBOUND
            -A OSM_PROXY_OUTBOUND -o lo ! -d 127.0.0.1/32 -m owner --uid-owner 1500 -j OSM_PROXY_IN_REDIRECT
            -A OSM_PROXY_OUTBOUND -o lo -m owner ! --uid-owner 1500 -j RETURN
            -A OSM_PROXY_OUTBOUND -m owner --uid-owner 1500 -j RETURN
            -A OSM_PROXY_OUTBOUND -d 127.0.0.1/32 -j RETURN
            -A OSM_PROXY_OUTBOUND -j OSM_PROXY_OUT_REDIRECT
            COMMIT

            """;
        Assert.Equal(Expected, InterceptionRules.For(InterceptionOptions.Everything));
    }

    [Fact]
    public void Exclusions_come_before_inclusions_and_ports_in_portions_of_fifteen()
    {
        var options = new InterceptionOptions
        {
            OutboundPortExclusions = [.. Enumerable.Range(1, 16)],
            InboundPortExclusions = [7, 8],
            OutboundRangeExclusions = ["10.1.2.3/8", "fd00::/8"],
            OutboundRangeInclusions = ["10.96.0.0/16", "192.0.2.0/24"],
            InterfaceExclusions = ["net1"],
            PodAddresses = [IPAddress.Parse("10.244.0.5")],
        };
        const string Expected = """
            -A OSM_PROXY_INBOUND -p tcp -j OSM_PROXY_IN_REDIRECT
            -I OSM_PROXY_INBOUND -i net1 -j RETURN
            -I OSM_PROXY_INBOUND -p tcp -m multiport --dports 7,8 -j RETURN
            -A OSM_PROXY_OUT_REDIRECT -p tcp -j REDIRECT --to-ports 15001
            -A OUTPUT -p tcp -j OSM_PROXY_OUTBOUND
            -A OSM_PROXY_OUTBOUND -o lo ! -d 127.0.0.1/32 -m owner --uid-owner 1500 -j OSM_PROXY_IN_REDIRECT
            -A OSM_PROXY_OUTBOUND -o lo -m owner ! --uid-owner 1500 -j RETURN
            -A OSM_PROXY_OUTBOUND -m owner --uid-owner 1500 -j RETURN
            -A OSM_PROXY_OUTBOUND -d 127.0.0.1/32 -j RETURN
            -I OUTPUT -p tcp -o lo -d 127.0.0.1/32 -m owner --uid-owner 1500 -j DNAT --to-destination 10.244.0.5
            -A OSM_PROXY_OUTBOUND -o net1 -j RETURN
            -A OSM_PROXY_OUTBOUND -d 10.0.0.0/8 -j RETURN
            -A OSM_PROXY_OUTBOUND -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 -j RETURN
            -A OSM_PROXY_OUTBOUND -p tcp -m multiport --dports 16 -j RETURN
            -A OSM_PROXY_OUTBOUND -d 10.96.0.0/16 -j OSM_PROXY_OUT_REDIRECT
            -A OSM_PROXY_OUTBOUND -d 192.0.2.0/24 -j OSM_PROXY_OUT_REDIRECT
            -A OSM_PROXY_OUTBOUND -j RETURN
            COMMIT

            """;
        Assert.EndsWith(Expected, InterceptionRules.For(options), StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_of_a_family_speak_of_that_family_only()
    {
        var options = new InterceptionOptions { OutboundRangeExclusions = ["10.0.0.0/8", "fd00::/8"], PodAddresses = [IPAddress.Parse("10.244.0.5")] };

        var rules = InterceptionRules.For(options, AddressFamily.InterNetworkV6);

        Assert.Contains("-A OSM_PROXY_OUTBOUND -d ::1/128 -j RETURN\n-A OSM_PROXY_OUTBOUND -d fd00::/8 -j RETURN\n", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("10.", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", rules, StringComparison.Ordinal);
    }

    [Fact]
    public void Inclusions_of_the_other_family_leave_nothing_to_redirect()
    {
        var rules = InterceptionRules.For(new() { OutboundRangeInclusions = ["10.0.0.0/8"] }, AddressFamily.InterNetworkV6);

        Assert.EndsWith("-A OSM_PROXY_OUTBOUND -d ::1/128 -j RETURN\n-A OSM_PROXY_OUTBOUND -j RETURN\nCOMMIT\n", rules, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("eth0 -j ACCEPT")]
    [InlineData("eth0\nCOMMIT")]
    [InlineData("-i")]
    [InlineData("a-name-too-long-x")]
    public void A_value_that_would_be_read_as_another_rule_is_refused(string name)
        => Assert.Throws<ArgumentException>(() => InterceptionRules.For(new() { InterfaceExclusions = [name] }));

    [Theory]
    [InlineData("10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("fd00:1::ff/33", "fd00:1::/33")]
    [InlineData("10.0.0.0", null)]
    [InlineData("10.0.0.0/33", null)]
    [InlineData("10.0.0.0/-1", null)]
    [InlineData("10.0/8", null)]
    [InlineData("fe80::1%eth0/64", null)]
    [InlineData("", null)]
    [InlineData("example.com/8", null)]
    public void A_range_is_an_address_and_a_length(string text, string? expected)
        => Assert.Equal(expected, AddressRange.TryParse(text, out var range) ? range.ToString() : null);
}
