using OsmExt.Envoy;
using OsmExt.Xds.Server;

namespace OsmExt.Xds.Tests.Hostile;

[Collection(nameof(Alone))]
public sealed class SilentClientTests : HostileTests
{
    private const int Padding = 100_000;
    private static readonly string[] Types = ["CDS", "EDS", "LDS", "RDS"];

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_client_that_never_answers_has_one_response_of_each_type_and_at_last_only_the_newest(string variant)
    {
        Change(1);
        var silent = Open(variant);
        await silent.AskAsync("CDS", "c");
        await silent.AskAsync("EDS", "e");
        await silent.AskAsync("LDS", "l");
        await silent.AskAsync("RDS", "r");
        var first = new[] { await silent.NextAsync(), await silent.NextAsync(), await silent.NextAsync(), await silent.NextAsync() };
        Assert.Equal(Types, first.Select(f => f.Type).Order());

        // 50 MB, were they kept for it.
        var growth = await GrowthAsync(async () =>
        {
            for (var content = 2; content <= 500; content++)
            {
                Change(content);
            }

            await OthersAreServedAsync();
        });
        Assert.InRange(growth, double.MinValue, 10);
        Assert.Equal(Types.Length, silent.Count);
        Assert.All(Assert.Single(Server.Registry.Describe("hostile")).Types, t => Assert.Equal((1, true), (t.Pending, t.Unanswered)));

        foreach (var heard in first)
        {
            await silent.AckAsync(heard);
        }

        foreach (var (type, resource) in Types.Zip(All(500)))
        {
            var newest = await silent.NextAsync(type);
            Assert.Equal(resource.Value.ToArray(), Assert.Single(newest.Resources).Value.ToByteArray());
            await silent.AckAsync(newest);
        }

        await silent.NothingElseAsync();
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_type_that_is_never_answered_does_not_keep_back_the_others_for_ever(string variant)
    {
        Change(1);
        var half = Open(variant);
        await half.AskAsync("CDS", "c");
        await half.NextAsync("CDS");
        await half.AskAsync("LDS", "l");
        Assert.Equal("LDS l", await half.TakeAsync("LDS"));
        for (var content = 2; content < 5; content++)
        {
            Change(content);
            Assert.Equal("LDS l", await half.TakeAsync("LDS"));
        }
    }

    [Fact]
    public async Task A_client_that_opens_a_stream_and_says_nothing_is_shown_the_door()
        => await IsEndedAsync(Open("delta"), Grpc.Core.StatusCode.DeadlineExceeded, "nothing was asked");

    private protected override void Configure(XdsServerOptions options)
        => (options.HoldTimeout, options.FirstRequestTimeout) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));

    private void Change(int content) => Server.Change(All(content));

    private static XdsResource[] All(int content)
        => [Some.StaticCluster("c", content), Some.Endpoints("e", content), Some.Listener("l", content), Some.Route("r", content, Padding)];
}
