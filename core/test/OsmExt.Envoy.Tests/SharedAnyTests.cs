using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Google.Protobuf.WellKnownTypes;

namespace OsmExt.Envoy.Tests;

public sealed class SharedAnyTests
{
    [Fact]
    public void What_is_shared_is_looked_into_once_and_means_the_same()
    {
        var packed = Any.Pack(new TcpProxy { StatPrefix = "a", Cluster = "b" });
        var before = Found(packed);
        var after = Found(SharedAny.Of(packed));
        Assert.Equal(before.Types, after.Types);
        Assert.Equal(before.Violations, after.Violations);
        Assert.True(SharedAny.TryGet(packed, out _));
        Assert.Equal([TcpProxy.Descriptor.FullName], before.Types);
    }

    [Fact]
    public void Nothing_wrong_is_hidden_by_being_shared()
    {
        var broken = SharedAny.Of(Any.Pack(new TcpProxy()));
        Assert.False(SharedAny.TryGet(broken, out _));
        Assert.Contains("typed_config.stat_prefix: must not be empty", Found(broken).Violations);
    }

    [Fact]
    public void Places_are_found_in_it_all_the_same()
    {
        var packed = SharedAny.Of(Any.Pack(new Filter { Name = "outer", TypedConfig = Any.Pack(new TcpProxy { StatPrefix = "a", Cluster = "b" }) }));
        Assert.Equal(["typed_config", "typed_config.typed_config"], TypeUrlUse.Find(new Filter { Name = "a", TypedConfig = packed }).Select(use => use.Path));
    }

    private static (string[] Violations, string[] Types) Found(Any packed)
    {
        var filter = new Filter { Name = "a", TypedConfig = packed };
        return ([.. EnvoyRules.Check(filter).Select(violation => violation.ToString())], [.. TypeUrlUse.In(filter)]);
    }
}
