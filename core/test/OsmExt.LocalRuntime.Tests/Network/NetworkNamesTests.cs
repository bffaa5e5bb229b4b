using OsmExt.LocalRuntime.Network;

namespace OsmExt.LocalRuntime.Tests.Network;

public sealed class NetworkNamesTests
{
    [Theory]
    [InlineData("osm", true)]
    [InlineData("demo-1", true)]
    [InlineData("", false)]
    [InlineData("Demo", false)]
    [InlineData("a.b", false)]
    [InlineData("-a", false)]
    [InlineData("../x", false)]
    [InlineData("a\n", false)]
    [InlineData("a-name-of-thirty-one-characters", false)]
    public void A_mesh_is_called_like_a_short_dns_label(string name, bool expected) => Assert.Equal(expected, NetworkNames.IsMesh(name));

    [Theory]
    [InlineData("cart-1", true)]
    [InlineData("cart.v1", true)]
    [InlineData("", false)]
    [InlineData("..", false)]
    [InlineData("a/../b", false)]
    [InlineData("a b", false)]
    [InlineData("a\n", false)]
    public void An_object_is_called_like_a_dns_name(string name, bool expected) => Assert.Equal(expected, NetworkNames.IsDns(name));

    [Fact]
    public void Names_differ_by_mesh_namespace_and_pod_and_fit()
    {
        var longest = new string('p', 253);
        string[] names =
        [
            NetworkNames.Node("m"), NetworkNames.Node("n"),
            NetworkNames.Pod("m", "ns", "a"), NetworkNames.Pod("m", "ns", "a.b"), NetworkNames.Pod("m", "ns2", "a"),
            NetworkNames.Pod("m", "ns", longest), NetworkNames.Pod("m", "ns", longest[1..] + "q"),
        ];

        Assert.Equal("osm.m.ns.a", names[2]);
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All(names, name => Assert.InRange(name.Length, 1, 200));
        Assert.Equal(15, NetworkNames.NodeInterface("ns", longest).Length);
        Assert.NotEqual(NetworkNames.NodeInterface("ns", "a"), NetworkNames.NodeInterface("ns", "b"));
    }
}
