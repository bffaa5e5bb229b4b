using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy.Tests.Samples;

namespace OsmExt.Envoy.Tests;

public class TypeUrlUseTests
{
    [Fact]
    public void Names_every_packed_type_at_any_depth_with_its_place()
    {
        const string Chain = "filter_chains[0].filters[1].typed_config";
        var uses = TypeUrlUse.Find(Sample.Message("listener"));

        Assert.Contains(new("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", Chain), uses);
        Assert.Contains(new("envoy.extensions.filters.http.router.v3.Router", $"{Chain}.http_filters[6].typed_config"), uses);
        Assert.Contains(
            new("envoy.extensions.access_loggers.file.v3.FileAccessLog", $"{Chain}.http_filters[6].typed_config.upstream_log[0].typed_config"), uses);
        Assert.Contains(
            new(
                "envoy.extensions.filters.http.cors.v3.CorsPolicy",
                $"{Chain}.route_config.virtual_hosts[0].typed_per_filter_config[\"envoy.filters.http.cors\"]"),
            uses);
        Assert.Equal(19, uses.Count);
        Assert.Equal(18, TypeUrlUse.In(Sample.Message("listener")).Count);
    }

    [Fact]
    public void A_TypedStruct_stands_for_the_type_it_names()
    {
        var uses = TypeUrlUse.In(Sample.Message("listener"));

        Assert.Contains("envoy.extensions.access_loggers.stats.v3.Config", uses);
        Assert.DoesNotContain("xds.type.v3.TypedStruct", uses);
        Assert.Equal(["a.B"], TypeUrlUse.In(Any.Pack(new Udpa.Type.V1.TypedStruct { TypeUrl = "type.googleapis.com/a.B" })));
    }

    [Fact]
    public void What_cannot_be_unpacked_is_named_all_the_same()
    {
        var listener = new Listener
        {
            ListenerFilters =
            {
                new ListenerFilter { TypedConfig = new Any { TypeUrl = "type.googleapis.com/brand.New", Value = ByteString.CopyFromUtf8("??") } },
                new ListenerFilter { TypedConfig = new Any { TypeUrl = TypeUrls.Cluster, Value = ByteString.CopyFromUtf8("??") } },
                new ListenerFilter { TypedConfig = new Any() },
            },
        };

        Assert.Equal(
            [new("brand.New", "listener_filters[0].typed_config"), new("envoy.config.cluster.v3.Cluster", "listener_filters[1].typed_config")],
            TypeUrlUse.Find(listener));
        Assert.Empty(TypeUrlUse.In(new Cluster { Name = "a" }));
    }
}
