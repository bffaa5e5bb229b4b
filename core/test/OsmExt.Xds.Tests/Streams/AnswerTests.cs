namespace OsmExt.Xds.Tests.Streams;

public sealed class AnswerTests : StreamTests
{
    [Theory]
    [MemberData(nameof(Variants))]
    public async Task What_was_accepted_is_known_and_not_sent_again(string variant)
    {
        var route = Some.Route("r");
        Server.Publish(route);
        var peer = Open(variant);
        await peer.AskAsync("RDS", "r");
        var heard = await peer.NextAsync();
        var type = Assert.Single(Assert.Single(Server.Registry.Describe(Proxy)).Types);
        Assert.Equal((true, null), (type.Unanswered, type.Resources[0].Acknowledged));

        await peer.AckAsync(heard);
        await Server.WhenAnsweredAsync();
        type = Assert.Single(Assert.Single(Server.Registry.Describe(Proxy)).Types);
        Assert.Equal((false, route.Version, route.Version), (type.Unanswered, type.Resources[0].Sent, type.Resources[0].Acknowledged));

        Server.Publish(Some.Route("r"));
        Server.Change(Some.Route("r"));
        await peer.NothingElseAsync();
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task What_was_refused_is_recorded_and_not_sent_again_until_it_is_different(string variant)
    {
        Server.Publish(Some.Route("r"));
        var peer = Open(variant);
        await peer.AskAsync("RDS", "r");
        await peer.TakeAsync();
        Server.Change(Some.Route("r", 2));
        await peer.NackAsync(await peer.NextAsync(), "r is bad");
        await Server.WhenAnsweredAsync();
        var rejection = Assert.Single(Server.Rejections.All);
        Assert.Equal((Proxy, "r", Some.Route("r", 2).Version, "r is bad"), (rejection.ProxyId, rejection.Name, rejection.Version, rejection.Message));
        Assert.Equal(Some.Route("r", 1).Version, Server.Registry.Describe(Proxy)[0].Types[0].Resources[0].Acknowledged);

        Server.Publish(Some.Route("r", 2));
        await peer.NothingElseAsync();
        Server.Change(Some.Route("r", 3));
        Assert.Equal("RDS r", await peer.TakeAsync());
        await Server.WhenAnsweredAsync();
        Assert.Empty(Server.Rejections.All);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task An_answer_to_an_earlier_response_counts_for_nothing(string variant)
    {
        Server.Publish(Some.Route("r"));
        var peer = Open(variant);
        await peer.AskAsync("RDS", "r");
        var first = await peer.NextAsync();
        await peer.AckAsync(first);
        Server.Change(Some.Route("r", 2));
        var second = await peer.NextAsync();
        await peer.SayAsync("RDS", first.Nonce, "r is bad");
        await peer.SayAsync("RDS", first.Nonce);
        await peer.NothingElseAsync();
        Assert.True(Server.Registry.Describe(Proxy)[0].Types.Single(t => t.TypeUrl == Wire.TypeUrl("RDS")).Unanswered);
        Assert.Empty(Server.Rejections.All);
        await peer.AckAsync(second);
        await Server.WhenAnsweredAsync();
        Assert.Equal(2, Server.Metrics.Requests.WithLabels("route", "stale").Value);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Nonces_never_repeat(string variant)
    {
        Server.Publish(Some.Route("r"));
        var nonces = new HashSet<string>(StringComparer.Ordinal);
        for (var stream = 0; stream < 3; stream++)
        {
            var peer = Open(variant);
            await peer.AskAsync("RDS", "r");
            for (var content = 2; content < 5; content++)
            {
                var heard = await peer.NextAsync();
                Assert.True(nonces.Add(heard.Nonce), heard.Nonce);
                await peer.AckAsync(heard);
                Server.Change(Some.Route("r", content + (10 * stream)));
            }
        }
    }
}
