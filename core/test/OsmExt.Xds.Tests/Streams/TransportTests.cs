using Envoy.Config.Route.V3;
using OsmExt.Envoy;
using OsmExt.Xds.Server;

namespace OsmExt.Xds.Tests.Streams;

public sealed class TransportTests : StreamTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(2);

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_stream_with_no_news_receives_not_one_byte(string variant)
    {
        Server.Publish(Some.Route("r"), Some.StaticCluster("c"));
        var client = Connect();
        var peer = Open(variant, client);
        await peer.AskAsync("RDS", "r");
        await peer.TakeAsync();
        await peer.NothingElseAsync();
        await Server.WhenAnsweredAsync();

        // The connection itself still has a word or two to say about what was just received.
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
        var before = client.BytesReceived;
        Assert.True(before > 0);
        for (var i = 2; i < 20; i++)
        {
            Server.Publish(Some.Route("r"), Some.StaticCluster("c", i));
        }

        await Task.Delay(Idle, TimeProvider.System);
        Assert.Equal(before, client.BytesReceived);
        Server.Change(Some.Route("r", 2));
        Assert.Equal("RDS r", await peer.TakeAsync());
        Assert.True(client.BytesReceived > before);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Everyone_is_sent_the_bytes_made_when_the_resource_was(string variant)
    {
        var message = new RouteConfiguration { Name = "r", InternalOnlyHeaders = { "as it was" } };
        var resource = XdsResource.Create(message, "r");
        var bytes = resource.Value.ToArray();

        // Never to be done; it shows whether anything is made from the message later.
        message.InternalOnlyHeaders[0] = "changed after the fact";
        Server.Publish(resource);
        for (var i = 0; i < 3; i++)
        {
            var peer = Open(variant);
            await peer.AskAsync("RDS", "r");
            Assert.Equal(bytes, Assert.Single((await peer.NextAsync()).Resources).Value.ToByteArray());
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Many_streams_share_few_slots_and_all_get_everything(string variant)
    {
        const int Streams = 40;
        Server.Publish(Some.Route("r", 1, 100_000));
        var peers = Enumerable.Range(0, Streams).Select(i => Open(variant, Connect($"proxy-{i}"))).ToList();
        await Task.WhenAll(peers.Select(p => p.AskAsync("RDS", "r")));
        for (var content = 2; content < 5; content++)
        {
            Assert.All(await Task.WhenAll(peers.Select(p => p.TakeAsync())), taken => Assert.Equal("RDS r", taken));
            await Server.WhenAnsweredAsync();
            Server.Change(Some.Route("r", content, 100_000));
        }

        Assert.True(Server.Metrics.GateWait.Count >= 3 * Streams);
        Assert.Equal(Streams, Server.Metrics.Streams.WithLabels(variant).Value);
    }

    private protected override void Configure(XdsServerOptions options) => options.PushSlots = 2;
}
