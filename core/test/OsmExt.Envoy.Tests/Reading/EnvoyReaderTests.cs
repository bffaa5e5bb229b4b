using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy.Tests.Samples;
using OsmExt.Yaml;

namespace OsmExt.Envoy.Tests.Reading;

public class EnvoyReaderTests
{
    [Theory]
    [MemberData(nameof(Sample.Names), MemberType = typeof(Sample))]
    public void Reads_what_Googles_reader_reads(string name)
    {
        var message = Sample.Message(name);

        var google = new JsonParser(JsonParser.Settings.Default.WithTypeRegistry(EnvoyTypes.Registry)).Parse(EnvoyJson.ToJson(message), message.Descriptor);

        Assert.Equal(google, message);
        Assert.Equal(XdsResource.Serialize(google), XdsResource.Serialize(message));
    }

    [Fact]
    public void Reads_every_kind_of_value()
    {
        var cluster = Sample.Read<Cluster>("""
            name: "on"
            altStatName: '5'
            type: 3
            connect_timeout: 1.5s
            lb_policy: RING_HASH
            per_connection_buffer_limit_bytes: "4294967295"
            dns_refresh_rate: -0.000000001s
            ringHashLbConfig: {minimum_ring_size: "1024", maximum_ring_size: 1e3, hash_function: null}
            common_lb_config:
              healthy_panic_threshold: {value: 12.5}
            respect_dns_ttl: TRUE
            circuit_breakers: {thresholds: [{track_remaining: false}]}
            metadata:
              filter_metadata:
                a.b: {"text": "1", number: 1, flag: true, nothing: ~, list: [[], {}]}
              typed_filter_metadata:
                mask: {"@type": type.googleapis.com/google.protobuf.FieldMask, value: "a.b,cD"}
                time: {value: "2030-01-31T12:00:00Z", "@type": type.googleapis.com/google.protobuf.Timestamp}
                wrapped: {"@type": type.googleapis.com/google.protobuf.UInt64Value, value: "18446744073709551615"}
                any:
                  "@type": type.googleapis.com/google.protobuf.Any
                  value: {"@type": type.googleapis.com/google.protobuf.Empty}
            """);

        var metadata = cluster.Metadata.TypedFilterMetadata;
        var structure = cluster.Metadata.FilterMetadata["a.b"].Fields;
        Assert.Equal(("on", "5", Cluster.Types.DiscoveryType.Eds), (cluster.Name, cluster.AltStatName, cluster.Type));
        Assert.Equal((new Duration { Seconds = 1, Nanos = 500_000_000 }, new Duration { Nanos = -1 }), (cluster.ConnectTimeout, cluster.DnsRefreshRate));
        Assert.Equal(uint.MaxValue, cluster.PerConnectionBufferLimitBytes);
        Assert.Equal((1024ul, 1000ul), (cluster.RingHashLbConfig.MinimumRingSize, cluster.RingHashLbConfig.MaximumRingSize));
        Assert.Equal((12.5, true), (cluster.CommonLbConfig.HealthyPanicThreshold.Value, cluster.RespectDnsTtl));
        Assert.Equal((Value.ForString("1"), Value.ForNumber(1), Value.ForNull()), (structure["text"], structure["number"], structure["nothing"]));
        Assert.Equal(Value.ForList(Value.ForList(), Value.ForStruct(new())), structure["list"]);
        Assert.Equal(["a.b", "c_d"], metadata["mask"].Unpack<FieldMask>().Paths);
        Assert.Equal(1896091200, metadata["time"].Unpack<Timestamp>().Seconds);
        Assert.Equal(ulong.MaxValue, metadata["wrapped"].Unpack<UInt64Value>().Value);
        Assert.Equal(new Empty(), metadata["any"].Unpack<Any>().Unpack<Empty>());
    }

    [Theory]
    [InlineData("{key: a, raw_value: AQL/+w==}")]
    [InlineData("{key: a, raw_value: AQL/+w}")]
    [InlineData("{key: a, rawValue: AQL_-w}")]
    public void Reads_bytes_in_both_alphabets_of_base64(string text)
        => Assert.Equal(new byte[] { 1, 2, 0xFF, 0xFB }, Sample.Read<HeaderValue>(text).RawValue.ToByteArray());

    [Fact]
    public void JSON_is_YAML_and_aliases_repeat_what_they_name()
    {
        var json = Sample.Read<SocketAddress>("""{"address": "127.0.0.1",	"port_value": 80, "ipv4Compat": true}""");
        var alias = Sample.Read<Address>("socket_address: &a {address: 127.0.0.1, port_value: 80}\n").SocketAddress;
        var twice = Sample.Read<UpstreamConnectionOptions>("tcp_keepalive: &k {keepalive_probes: 3}\nhappy_eyeballs_config: null\n");

        Assert.Equal((alias.Address, 80u, true), (json.Address, json.PortValue, json.Ipv4Compat));
        Assert.Equal(3u, twice.TcpKeepalive.KeepaliveProbes);
        Assert.Equal(2, Sample.Read<WeightedCluster>("clusters: [&c {name: a}, *c]").Clusters.Count(cluster => cluster.Name == "a"));
    }

    [Fact]
    public void TypedStruct_carries_what_this_build_does_not_know()
    {
        var filter = Sample.Read<global::Envoy.Config.Listener.V3.Filter>("""
            name: new
            typed_config:
              "@type": type.googleapis.com/udpa.type.v1.TypedStruct
              type_url: type.googleapis.com/envoy.extensions.brand.new.v3.Config
              value: {anything: [1]}
            """);

        Assert.Equal(1, filter.TypedConfig.Unpack<Udpa.Type.V1.TypedStruct>().Value.Fields["anything"].ListValue.Values[0].NumberValue);
    }

    [Fact]
    public void Tells_all_problems_at_once_in_order_with_places()
    {
        var result = EnvoyReader.Read(
            """
            name: in
            adress: {}
            per_connection_buffer_limit_bytes: -1
            filter_chains:
            - filters:
              - name: envoy.filters.network.tcp_proxy
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                  stat_prefixx: a
                  idle_timeout: 5m
              - name: second
                typed_config: {stat_prefix: b}
              - name: third
                typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.rooter.v3.Router}
            traffic_direction: INBUOND
            """,
            Listener.Descriptor);

        Assert.Null(result.Message);
        Assert.Equal(
            string.Join(
                "\n",
                "adress (2:1): unknown field \"adress\" in envoy.config.listener.v3.Listener; did you mean 'address'?",
                "per_connection_buffer_limit_bytes (3:36): the number -1 is out of range; expected 0 to 4294967295",
                "filter_chains[0].filters[0].typed_config.stat_prefixx (9:7): unknown field \"stat_prefixx\" in "
                    + "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy; did you mean 'stat_prefix'?",
                "filter_chains[0].filters[0].typed_config.idle_timeout (10:21): expected a duration in seconds, such as 5s or 0.25s, found the text \"5m\"",
                "filter_chains[0].filters[1].typed_config (12:19): \"@type\" is missing",
                "filter_chains[0].filters[2].typed_config[\"@type\"] (14:29): "
                    + "unknown type URL \"type.googleapis.com/envoy.extensions.filters.http.rooter.v3.Router\"; "
                    + "what this build does not know can be sent as xds.type.v3.TypedStruct; "
                    + "did you mean 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router'?",
                "traffic_direction (15:20): expected one of UNSPECIFIED, INBOUND, OUTBOUND, found the text \"INBUOND\"; did you mean 'INBOUND'?"),
            string.Join("\n", result.Problems));
    }

    [Fact]
    public void Positions_are_those_of_the_whole_text()
    {
        var (documents, _) = YamlText.Read("name: first\n---\nname: second\nnam: x\n");

        var problem = Assert.Single(EnvoyReader.Read(documents[1], Cluster.Descriptor).Problems);

        Assert.Equal(new("nam", new(4, 1), "unknown field \"nam\" in envoy.config.cluster.v3.Cluster", "name"), problem);
    }
}
