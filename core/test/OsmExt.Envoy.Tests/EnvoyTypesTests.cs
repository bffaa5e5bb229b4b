using Envoy.Config.Cluster.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace OsmExt.Envoy.Tests;

public class EnvoyTypesTests
{
    [Fact]
    public void Every_type_is_found_by_its_name_and_its_URL()
    {
        Assert.True(EnvoyTypes.All.Count > 800);
        Assert.All(EnvoyTypes.All, type =>
        {
            Assert.Same(type, EnvoyTypes.Find(type.FullName));
            Assert.Same(type, EnvoyTypes.FindByTypeUrl(TypeUrls.Of(type)));
            Assert.Same(type, EnvoyTypes.Registry.Find(type.FullName));
        });
    }

    [Theory]
    [InlineData("envoy.config.cluster.v3.Cluster", true)]
    [InlineData("envoy.config.cluster.v3.Cluster.EdsClusterConfig", true)]
    [InlineData("google.protobuf.Duration", true)]
    [InlineData("xds.type.v3.TypedStruct", true)]
    [InlineData("envoy.config.cluster.v3.cluster", false)]
    [InlineData("envoy.config.cluster.v3.Cluster.EdsClusterConfig.Nothing", false)]
    [InlineData("Cluster", false)]
    [InlineData("", false)]
    [InlineData("....", false)]
    public void A_name_is_known_or_not(string name, bool known) => Assert.Equal(known, EnvoyTypes.Find(name) is not null);

    [Fact]
    public void What_cannot_be_unpacked_is_nothing_rather_than_an_exception()
    {
        Assert.Equal(new Cluster { Name = "a" }, EnvoyTypes.Unpack(Any.Pack(new Cluster { Name = "a" })));
        Assert.Null(EnvoyTypes.Unpack(new Any()));
        Assert.Null(EnvoyTypes.Unpack(new Any { TypeUrl = "type.googleapis.com/a.B" }));
        Assert.Null(EnvoyTypes.Unpack(new Any { TypeUrl = TypeUrls.Cluster, Value = ByteString.CopyFromUtf8("no cluster") }));
    }
}
