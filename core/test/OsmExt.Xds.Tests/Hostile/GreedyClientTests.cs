using Grpc.Core;
using OsmExt.Xds.Server;
using OsmExt.Xds.Tests.Streams;

namespace OsmExt.Xds.Tests.Hostile;

[Collection(nameof(Alone))]
public sealed class GreedyClientTests : HostileTests
{
    private const string TooManyNames = "more than 20000 names";

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Types_nobody_has_are_answered_with_nothing_up_to_a_limit(string variant)
    {
        var curious = Open(variant);
        for (var i = 0; i < 32; i++)
        {
            await curious.AskAsync($"type.googleapis.com/test.Type{i}", "x");
            Assert.Empty((await curious.NextAsync()).Resources);
        }

        await OthersAreServedAsync();
        await curious.AskAsync("type.googleapis.com/test.OneMore", "x");
        await IsEndedAsync(curious, StatusCode.ResourceExhausted, "more than 32 types");

        // What a client invents is no label.
        using var text = new MemoryStream();
        await Server.Collected.CollectAndExportAsTextAsync(text);
        Assert.DoesNotContain("test.", System.Text.Encoding.UTF8.GetString(text.ToArray()), StringComparison.Ordinal);
        Assert.Equal(33, Server.Metrics.Requests.WithLabels("other", "first").Value);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_hundred_thousand_names_are_too_many_and_nothing_of_them_stays(string variant)
    {
        // The first ones fill pools of buffers, which stay.
        await AskForTooMuchAsync(3);
        var growth = await GrowthAsync(() => AskForTooMuchAsync(20));

        // More than 100 MB, were they kept.
        Assert.InRange(growth, double.MinValue, 20);

        async Task AskForTooMuchAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                await using var client = Server.Connect("hostile");
                await using var greedy = Peer.Open(client, variant);
                await SayToTheEndAsync(() => greedy.AskAsync("EDS", Names(i, 100_000)));
                await IsEndedAsync(greedy, StatusCode.ResourceExhausted, TooManyNames);
            }
        }
    }

    [Fact]
    public async Task Names_that_come_little_by_little_count_too()
    {
        var greedy = Open("delta");
        for (var i = 0; i < 4; i++)
        {
            await greedy.AskAsync("EDS", Names(i, 5_000));
        }

        await greedy.NextAsync();
        await OthersAreServedAsync();
        await greedy.AskAsync("EDS", "one more");
        await IsEndedAsync(greedy, StatusCode.ResourceExhausted, TooManyNames);
    }

    [Fact]
    public async Task Names_dropped_under_a_wildcard_but_still_to_be_answered_count_too()
    {
        var greedy = Open("delta");
        await greedy.AskAsync("CDS", "*");
        for (var i = 0; i < 5; i++)
        {
            var names = Names(i, 5_000);
            await SayToTheEndAsync(() => greedy.AskAsync("CDS", names));
            await SayToTheEndAsync(() => greedy.DropAsync("CDS", names));
        }

        await IsEndedAsync(greedy, StatusCode.ResourceExhausted, TooManyNames);
    }

    [Fact]
    public async Task Versions_a_client_claims_to_have_kept_count_too()
    {
        var greedy = (DeltaPeer)Open("delta");
        var kept = Names(0, 50_000).ToDictionary(static n => n, static _ => "1", StringComparer.Ordinal);
        await SayToTheEndAsync(() => greedy.ResumeAsync("CDS", kept, "*"));
        await IsEndedAsync(greedy, StatusCode.ResourceExhausted, TooManyNames);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_few_names_may_not_be_endless_either(string variant)
    {
        var greedy = Open(variant);
        for (var i = 0; i < 11; i++)
        {
            await SayToTheEndAsync(() => greedy.AskAsync($"type.googleapis.com/test.Type{i}", new string((char)('a' + i), 100_000)));
        }

        await IsEndedAsync(greedy, StatusCode.ResourceExhausted, "more than 1000000 characters");
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_request_that_is_too_large_is_not_read(string variant)
    {
        var greedy = Open(variant);
        await greedy.AskAsync("EDS", "small");
        await greedy.NextAsync();
        await SayToTheEndAsync(() => greedy.AskAsync("EDS", new string('n', 5_000_000)));
        await IsEndedAsync(greedy, StatusCode.ResourceExhausted, "maximum configured message size");
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_client_that_never_stops_asking_is_heard_at_its_rate(string variant)
    {
        var hasty = Open(variant);
        await hasty.AskAsync("EDS", "x");
        await hasty.NextAsync();
        var start = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 700; i++)
        {
            await hasty.SayAsync("EDS", "invented");
        }

        await hasty.NothingElseAsync();
        // 500 at once, the others at 200 a second.
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.FromSeconds(0.9), TimeSpan.MaxValue);
        await OthersAreServedAsync();
    }

    private protected override void Configure(XdsServerOptions options)
        => (options.MaxNameCharacters, options.RequestsPerSecond, options.RequestBurst) = (1_000_000, 200, 500);

    private static string[] Names(int part, int count) => [.. Enumerable.Range(0, count).Select(i => $"{part}.{i}")];
}
