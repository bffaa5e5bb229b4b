using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy.Tests.Samples;

namespace OsmExt.Envoy.Tests.Printing;

public class RoundTripTests
{
    [Theory]
    [MemberData(nameof(Sample.Names), MemberType = typeof(Sample))]
    public void A_resource_comes_back_from_its_print_byte_by_byte(string name)
    {
        var message = Sample.Message(name);

        AssertSame(message, EnvoyJson.ToYaml(message));
        AssertSame(message, EnvoyJson.ToJson(message));
        AssertSame(message, EnvoyJson.ToJson(message, indented: false));
    }

    [Fact]
    public void Any_message_of_any_type_comes_back_from_its_print()
    {
        var random = new RandomMessages(seed: 1);
        foreach (var type in EnvoyTypes.All)
        {
            var message = random.Next(type);

            AssertSame(message, EnvoyJson.ToYaml(message));
            AssertSame(message, EnvoyJson.ToJson(message));
        }
    }

    [Fact]
    public void Equal_messages_print_equally()
    {
        var first = Sample.Read<Metadata>("filter_metadata: {b: {w: 1, v: 2}, a: {}}");
        var second = Sample.Read<Metadata>("filter_metadata: {a: {}, b: {v: 2, w: 1}}");

        Assert.Equal(EnvoyJson.ToYaml(first), EnvoyJson.ToYaml(second));
        Assert.Equal("filter_metadata:\n  a: {}\n  b:\n    v: 2\n    w: 1\n", EnvoyJson.ToYaml(first));
    }

    [Fact]
    public void What_is_packed_and_not_known_or_not_readable_stays_packed()
    {
        var cluster = new Cluster
        {
            UpstreamConfig = new TypedExtensionConfig { Name = "new", TypedConfig = Broken("type.googleapis.com/brand.New") },
            ClusterType = new() { Name = "broken", TypedConfig = Broken(TypeUrls.Cluster) },
        };

        Assert.Equal(
            """
            cluster_type:
              name: broken
              typed_config:
                "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
                value: Pz8=
            upstream_config:
              name: new
              typed_config:
                "@type": type.googleapis.com/brand.New
                value: Pz8=

            """.ReplaceLineEndings("\n"),
            EnvoyJson.ToYaml(cluster));
    }

    [Fact]
    public void Nothing_is_too_deep_or_too_odd_to_print()
    {
        var any = Any.Pack(new Empty());
        for (var level = 0; level < 1500; level++)
        {
            any = Any.Pack(any);
        }

        Assert.Contains("\"value\": {", EnvoyJson.ToJson(any), StringComparison.Ordinal);
        Assert.NotEmpty(EnvoyJson.ToYaml(any));
        Assert.NotEmpty(TypeUrlUse.In(any));
        Assert.Equal("null", EnvoyJson.ToJson(new Value()));
        Assert.Contains("nanos", EnvoyJson.ToJson(new Duration { Nanos = int.MaxValue }), StringComparison.Ordinal);
        Assert.Equal("{}", EnvoyJson.ToJson(new Cluster()));
        Assert.Equal("{}\n", EnvoyJson.ToYaml(new Cluster()));
    }

    private static Any Broken(string typeUrl) => new() { TypeUrl = typeUrl, Value = ByteString.CopyFromUtf8("??") };

    private static void AssertSame(IMessage message, string text)
    {
        var result = EnvoyReader.Read(text, message.Descriptor);
        Assert.True(result.Problems.Count == 0, $"{string.Join('\n', result.Problems)}\n{text}");
        Assert.True(message.Equals(result.Message) && XdsResource.Serialize(message).AsSpan().SequenceEqual(XdsResource.Serialize(result.Message!)), text);
    }
}
