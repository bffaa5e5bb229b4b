namespace OsmExt.Xds.Tests.Hostile;

[Collection(nameof(Alone))]
public sealed class RefusingClientTests : HostileTests
{
    private const int Types = 4;

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_client_that_refuses_everything_is_offered_each_version_once(string variant)
    {
        Change(1);
        var refusing = Open(variant);
        await refusing.AskAsync("CDS", "c");
        await refusing.AskAsync("EDS", "e");
        await refusing.AskAsync("LDS", "l");
        await refusing.AskAsync("RDS", "r");
        var reason = "it is bad\r\n" + new string('!', 100_000);
        const int Versions = 50;
        for (var content = 1; content <= Versions; content++)
        {
            for (var i = 0; i < Types; i++)
            {
                await refusing.NackAsync(await refusing.NextAsync(), reason);
            }

            if (content < Versions)
            {
                Change(content + 1);
            }
        }

        await refusing.NothingElseAsync();
        var rejections = Server.Rejections.All;
        Assert.Equal(["c", "e", "l", "r"], rejections.Select(r => r.Name).Order());
        Assert.All(rejections, r => Assert.StartsWith("it is bad  !", r.Message, StringComparison.Ordinal));
        Assert.All(rejections, r => Assert.InRange(r.Message.Length, 1, 5_000));
        Assert.Equal(Some.Route("r", Versions).Version, rejections.Single(r => r.Name == "r").Version);
        await OthersAreServedAsync();
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Invented_nonces_are_answers_to_nothing(string variant)
    {
        Change(1);
        var liar = Open(variant);
        await liar.AskAsync("CDS", "c");
        var offered = await liar.NextAsync();
        var random = new Random(7);
        const int Lies = 400;
        for (var i = 0; i < Lies; i++)
        {
            await liar.SayAsync("CDS", $"{random.NextInt64():x16}.{random.Next(3)}", i % 2 == 0 ? "no c" : null);
        }

        await liar.NothingElseAsync();
        Assert.Equal(Lies, Server.Metrics.Requests.WithLabels("cluster", "stale").Value);
        Assert.Empty(Server.Rejections.All);
        Assert.True(Server.Registry.Describe("hostile")[0].Types[0].Unanswered);

        await liar.AckAsync(offered);
        Server.Change(Some.StaticCluster("c", 2));
        Assert.Equal("CDS c", await liar.TakeAsync());
        await OthersAreServedAsync();
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_nonce_of_another_stream_is_no_answer_here(string variant)
    {
        Change(1);
        var one = Open(variant);
        var other = Open(variant);
        await one.AskAsync("CDS", "c");
        await other.AskAsync("CDS", "c");
        var offered = await one.NextAsync();
        await other.NextAsync();
        await other.SayAsync("CDS", offered.Nonce, "no c");
        await other.NothingElseAsync();
        Assert.Empty(Server.Rejections.All);
    }

    private void Change(int content)
        => Server.Change(Some.StaticCluster("c", content), Some.Endpoints("e", content), Some.Listener("l", content), Some.Route("r", content));
}
