using System.Net;
using Envoy.Config.Listener.V3;
using OsmExt.Simulation.Listeners;

namespace OsmExt.Simulation.Tests.Listeners;

public class FilterChainChoiceTests
{
    private const string Chains = """
        name: l
        listener_filters:
        - {name: tls, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector}}
        - {name: http, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.listener.http_inspector.v3.HttpInspector}}
        filter_chains:
        - {name: port-80-tls, filter_chain_match: {destination_port: 80, transport_protocol: tls}}
        - {name: wide, filter_chain_match: {prefix_ranges: [{address_prefix: 10.0.0.0, prefix_len: 8}]}}
        - {name: narrow, filter_chain_match: {prefix_ranges: [{address_prefix: 10.1.0.0, prefix_len: 16}], server_names: [a.example.com]}}
        - {name: any-name, filter_chain_match: {server_names: ["*.example.com"], transport_protocol: tls}}
        - {name: one-name, filter_chain_match: {server_names: [b.example.com], transport_protocol: tls, application_protocols: [osm]}}
        - {name: h2c, filter_chain_match: {application_protocols: [h2c]}}
        - {name: near, filter_chain_match: {source_type: SAME_IP_OR_LOOPBACK}}
        - {name: source, filter_chain_match: {source_prefix_ranges: [{address_prefix: 192.168.0.0, prefix_len: 16}]}}
        default_filter_chain: {name: otherwise}
        """;

    [Theory]
    [InlineData("9.9.9.9:80", "", "", "1.1.1.1", "otherwise")] // the port has chains of its own, so those of any port are never looked at
    [InlineData("9.9.9.9:80", "x", "", "1.1.1.1", "port-80-tls")]
    [InlineData("10.2.0.1:1", "", "", "1.1.1.1", "wide")]
    [InlineData("10.1.0.1:1", "a.example.com", "", "1.1.1.1", "narrow")]
    [InlineData("10.1.0.1:1", "z.example.com", "", "1.1.1.1", "otherwise")] // the longer prefix won and is never given up
    [InlineData("9.9.9.9:1", "x.y.example.com", "", "1.1.1.1", "any-name")]
    [InlineData("9.9.9.9:1", "X.EXAMPLE.com", "", "1.1.1.1", "any-name")]
    [InlineData("9.9.9.9:1", "b.example.com", "h2,osm", "1.1.1.1", "one-name")]
    [InlineData("9.9.9.9:1", "b.example.com", "h2", "1.1.1.1", "otherwise")]
    [InlineData("9.9.9.9:1", "", "", "9.9.9.9", "near")]
    [InlineData("9.9.9.9:1", "", "", "192.168.7.7", "source")]
    [InlineData("9.9.9.9:1", "", "", "8.8.8.8", "otherwise")]
    public void The_most_specific_value_wins_criterion_by_criterion(string destination, string sni, string alpn, string source, string expected)
    {
        var hello = sni.Length == 0 ? null : new ClientHello(sni, [.. alpn.Split(',', StringSplitOptions.RemoveEmptyEntries)], null);
        Assert.Equal(expected, Choose(Chains, new(new(IPAddress.Parse(source), 1), IPEndPoint.Parse(destination), Payload.Bytes, hello)));
    }

    [Fact]
    public void Http_is_seen_only_where_a_filter_looks_for_it()
    {
        var http2 = new Connection(new(IPAddress.Parse("1.1.1.1"), 1), IPEndPoint.Parse("9.9.9.9:1"), Payload.Http2, null);
        Assert.Equal("h2c", Choose(Chains, http2));
        Assert.Equal("otherwise", Choose(Chains.Replace("http_inspector.v3.HttpInspector", "tls_inspector.v3.TlsInspector",
            StringComparison.Ordinal), http2));
    }

    [Fact]
    public void Without_a_chain_and_a_default_the_connection_is_closed()
        => Assert.Null(FilterChainChoice.Choose(Yaml.Read<Listener>("filter_chains: [{filter_chain_match: {destination_port: 1}}]"), Facts(2)));

    [Fact]
    public void What_a_chain_asks_that_is_not_known_is_no_guess()
        => Assert.Throws<UndecidedException>(() => FilterChainChoice.Choose(Yaml.Read<Listener>("filter_chains: [{filter_chain_match: {address_suffix: x}}]"), Facts(2)));

    private static string Choose(string yaml, Connection connection)
    {
        var listener = Yaml.Read<Listener>(yaml);
        return FilterChainChoice.Choose(listener, new ConnectionFacts(connection, connection.Destination).Inspect(listener))!.Name;
    }

    private static ConnectionFacts Facts(int port)
    {
        var destination = new IPEndPoint(IPAddress.Loopback, port);
        return new(new(new(IPAddress.Loopback, 1), destination, Payload.Bytes, null), destination);
    }
}
