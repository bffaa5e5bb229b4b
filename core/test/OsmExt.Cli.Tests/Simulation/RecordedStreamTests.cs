using Envoy.Config.Cluster.V3;
using Envoy.Config.Route.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;
using OsmExt.Simulation.Dumps;

namespace OsmExt.Cli.Tests.Simulation;

/// <summary>What a proxy has after the responses it was sent. Records of running control planes are judged in the control plane's tests.</summary>
public sealed class RecordedStreamTests
{
    [Fact]
    public void Responses_are_applied_in_order_with_their_removals()
    {
        var read = RecordedStream.Read("a/b", string.Join("\n", Delta(TypeUrls.Cluster, [], Cluster("one"), Cluster("two")), Delta(TypeUrls.Cluster, ["one"]), Delta(TypeUrls.Cluster, [], Cluster("two", 7))));
        Assert.Null(read.Cluster("one"));
        Assert.Equal(7, read.Cluster("two")!.ConnectTimeout.Seconds);
    }

    [Fact]
    public void In_the_state_of_the_world_clusters_are_always_all_there_are()
    {
        var read = RecordedStream.Read("a/b", Full(TypeUrls.Cluster, Cluster("one"), Cluster("two")) + Full(TypeUrls.Cluster, Cluster("two")) + Full(TypeUrls.Route, new RouteConfiguration { Name = "r" }));
        Assert.Null(read.Cluster("one"));
        Assert.NotNull(read.Cluster("two"));
        Assert.NotNull(read.Routes("r"));
    }

    [Fact]
    public void Hosts_by_themselves_are_put_where_they_belong()
    {
        var routes = new RouteConfiguration { Name = "r", Vhds = new() { ConfigSource = new() { Ads = new() } } };
        var read = RecordedStream.Read("a/b", Delta(TypeUrls.VirtualHost, [], new VirtualHost { Name = "r/h" }, new VirtualHost { Name = "s/h" }) + Delta(TypeUrls.Route, [], routes));
        Assert.Equal(["h"], read.Routes("r")!.VirtualHosts.Select(host => host.Name));
        Assert.Null(read.Routes("r")!.Vhds);
    }

    [Theory]
    [InlineData("", "there is no response in it")]
    [InlineData("{}{", "response 2 is no JSON")]
    [InlineData("""{"typeUrl":"x"} {"resources":[{"@type":"type.googleapis.com/no.such.Type"}]}""", "response 2: ")]
    public void What_cannot_be_read_is_said_with_its_number(string text, string expected)
        => Assert.Contains(expected, Assert.Throws<FormatException>(() => RecordedStream.Read("a/b", text)).Message, StringComparison.Ordinal);

    private static Cluster Cluster(string name, int seconds = 1) => new() { Name = name, ConnectTimeout = new() { Seconds = seconds } };

    private static string Delta(string type, string[] removed, params IMessage[] resources)
    {
        var response = new DeltaDiscoveryResponse { TypeUrl = type, SystemVersionInfo = "1", RemovedResources = { removed } };
        response.Resources.AddRange(resources.Select(resource => new Resource { Name = (string)resource.Descriptor.FindFieldByName("name").Accessor.GetValue(resource), Resource_ = Any.Pack(resource) }));
        return EnvoyJson.ToJson(response);
    }

    private static string Full(string type, params IMessage[] resources)
        => EnvoyJson.ToJson(new DiscoveryResponse { TypeUrl = type, VersionInfo = "1", Resources = { resources.Select(Any.Pack) } });
}
