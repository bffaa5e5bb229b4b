using System.Net;
using Envoy.Config.Listener.V3;
using OsmExt.Simulation.Listeners;

namespace OsmExt.Simulation.Tests.Listeners;

public class ListenerChoiceTests
{
    private const string OriginalDst = """
        listener_filters:
        - name: o
          typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.listener.original_dst.v3.OriginalDst}
        """;

    private static readonly ProxyConfiguration Proxy = new("p",
    [
        Listener("entry", "0.0.0.0", 15001, $"use_original_dst: true\n{OriginalDst}"),
        Listener("port", "0.0.0.0", 80, "bind_to_port: false"),
        Listener("address", "10.0.0.1", 80, "bind_to_port: false"),
        Listener("port6", "\"::\"", 80, "bind_to_port: false"),
        Listener("plain", "0.0.0.0", 15002, OriginalDst),
    ], null);

    [Theory]
    [InlineData("10.0.0.1:80", "address")]
    [InlineData("10.0.0.2:80", "port")]
    [InlineData("[fd00::1]:80", "port6")]
    [InlineData("10.0.0.1:81", "entry")]
    public void The_original_destination_chooses_address_and_port_before_the_port(string original, string expected)
        => Assert.Equal(expected, ListenerChoice.HandOff(Proxy, ListenerChoice.Bound(Proxy, new(IPAddress.Loopback, 15001))!,
            IPEndPoint.Parse(original)).Name);

    [Fact]
    public void A_listener_that_does_not_ask_for_it_keeps_its_connections()
        => Assert.Equal("plain", ListenerChoice.HandOff(Proxy, ListenerChoice.Bound(Proxy, new(IPAddress.Loopback, 15002))!,
            IPEndPoint.Parse("10.0.0.1:80")).Name);

    [Fact]
    public void A_listener_that_is_not_bound_is_not_dialled_directly() => Assert.Null(ListenerChoice.Bound(Proxy, new(IPAddress.Loopback, 80)));

    private static OsmExt.Envoy.XdsResource Listener(string name, string address, int port, string more)
        => Yaml.Resource<Listener>(name, $"name: {name}\naddress: {{socket_address: {{address: {address}, port_value: {port}}}}}\n{more}");
}
