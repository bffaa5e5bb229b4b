using System.Collections.Immutable;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy.Tests.Samples;

namespace OsmExt.Envoy.Tests;

public class XdsResourceTests
{
    [Theory]
    [MemberData(nameof(Sample.Names), MemberType = typeof(Sample))]
    public void Prepared_fields_are_read_as_entries_of_both_kinds_of_response(string name)
    {
        var resource = XdsResource.Create(Sample.Message(name), name);

        var sotw = DiscoveryResponse.Parser.ParseFrom([.. resource.SotwField.Span, .. new DiscoveryResponse { Nonce = "7" }.ToByteArray()]);
        var delta = DeltaDiscoveryResponse.Parser.ParseFrom([.. new DeltaDiscoveryResponse { Nonce = "7" }.ToByteArray(), .. resource.DeltaField.Span]);

        var packed = Any.Pack(resource.Message);
        Assert.Equal("7", sotw.Nonce);
        Assert.Equal(resource.Message, Assert.Single(sotw.Resources).Unpack(resource.Message));
        Assert.Equal(packed.TypeUrl, sotw.Resources[0].TypeUrl);
        Assert.Equal(new Resource { Name = name, Version = resource.Version, Resource_ = sotw.Resources[0] }, Assert.Single(delta.Resources));
    }

    [Fact]
    public void The_order_in_which_a_map_was_filled_does_not_change_the_version()
    {
        var keys = Enumerable.Range(0, 50).Select(number => $"key-{number}").ToArray();
        var forwards = XdsResource.Create(WithMetadata(keys), "l");
        var backwards = XdsResource.Create(WithMetadata([.. keys.Reverse()]), "l");

        Assert.Equal(forwards, backwards);
        Assert.Equal(forwards.Value.ToArray(), backwards.Value.ToArray());
        Assert.NotEqual(forwards.Version, XdsResource.Create(WithMetadata(keys[1..]), "l").Version);
        Assert.NotEqual(forwards, XdsResource.Create(WithMetadata(keys), "m"));
        Assert.NotEqual(forwards, XdsResource.Create(WithMetadata(keys), "l", version: "1"));
    }

    [Fact]
    public void Of_its_bytes_alone_the_message_is_what_it_was()
    {
        var message = WithMetadata(["a", "b"]);
        var resource = XdsResource.Create(message, "l");
        Assert.Same(message, resource.Message);

        resource.KeepOnlyBytes();

        Assert.NotSame(message, resource.Message);
        Assert.Equal(message, resource.Message);
    }

    [Fact]
    public void A_cluster_knows_which_endpoints_are_asked_for_with_it()
    {
        Assert.Equal("c", XdsResource.Create(new Cluster { Name = "c", Type = Cluster.Types.DiscoveryType.Eds }, "c").EndpointsOfCluster);
        Assert.Equal("e", XdsResource.Create(new Cluster { Name = "c", Type = Cluster.Types.DiscoveryType.Eds, EdsClusterConfig = new() { ServiceName = "e" } }, "c").EndpointsOfCluster);
        Assert.Null(XdsResource.Create(new Cluster { Name = "c", Type = Cluster.Types.DiscoveryType.Static }, "c").EndpointsOfCluster);
        Assert.Null(XdsResource.Create(new Listener { Name = "l" }, "l").EndpointsOfCluster);
    }

    [Fact]
    public void A_resource_knows_what_it_is_and_comes_from()
    {
        var origins = ImmutableArray.Create("TrafficSplit a/b");
        var resource = XdsResource.Create(new Listener { Name = "in" }, "in", origins);

        Assert.Equal(TypeUrls.Listener, resource.TypeUrl);
        Assert.Equal(origins, resource.Origins);
        Assert.Empty(XdsResource.Create(new Listener(), "x").Origins);
        Assert.Equal($"Listener in@{resource.Version}", resource.ToString());
        Assert.Matches("^[0-9a-f]{24}$", resource.Version);
    }

    private static Listener WithMetadata(IEnumerable<string> keys)
    {
        var listener = new Listener { Metadata = new Metadata() };
        foreach (var key in keys)
        {
            listener.Metadata.FilterMetadata[key] = new Struct { Fields = { [key] = Value.ForString(key) } };
        }

        return listener;
    }
}

internal static class AnyExtensions
{
    /// <summary>The message inside, of the same type as another.</summary>
    public static IMessage Unpack(this Any any, IMessage like) => like.Descriptor.Parser.ParseFrom(any.Value);
}
