namespace OsmExt.Xds.Tests.Streams.Conformance;

/// <summary>The harness's feature "unsubscribing", in the state of the world, and its scenario of several types on one stream.</summary>
public sealed class UnsubscribingTests : ConformanceTests
{
    public static TheoryData<string, bool> FullTypes => On(Full);

    public static TheoryData<string, bool> PartialTypes => On(Partial);

    public static TheoryData<string, bool> AllTypes => On([.. Full, .. Partial]);

    [Theory]
    [MemberData(nameof(FullTypes))]
    public async Task Of_what_is_left_a_change_brings_all_that_is_left(string type, bool separate)
    {
        Given(type, "a", "b", "c", "d");
        var peer = Open("sotw", type, separate);
        await peer.AskAsync(type, "a", "b", "c");
        await peer.AckAsync(await ReceivesAsync(peer, type, ("a", 1), ("b", 1), ("c", 1)));
        await DropAsync(peer, type, "b");
        Set(type, 2, "a", "c");
        await EndsQuietlyAsync(peer, type, await ReceivesAsync(peer, type, ("a", 2), ("c", 2)));
    }

    [Theory]
    [MemberData(nameof(PartialTypes))]
    public async Task Of_what_is_left_a_change_brings_what_changed_where_responses_may_be_partial(string type, bool separate)
    {
        Given(type, "a", "b", "c", "d");
        var peer = Open("sotw", type, separate);
        await peer.AskAsync(type, "a", "b", "d");
        await peer.AckAsync(await ReceivesAsync(peer, type, ("a", 1), ("b", 1), ("d", 1)));
        await DropAsync(peer, type, "d");
        Set(type, 2, "b", "d");
        await EndsQuietlyAsync(peer, type, await ReceivesAsync(peer, type, ("b", 2)));
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public async Task Who_has_given_up_everything_hears_nothing(string type, bool separate)
    {
        Given(type, "a", "b", "c");
        var peer = Open("sotw", type, separate);
        await peer.AskAsync(type, "a", "b");
        await peer.AckAsync(await ReceivesAsync(peer, type, ("a", 1), ("b", 1)));
        await DropAsync(peer, type, "a", "b");
        Set(type, 2, "a", "b");
        await EndsQuietlyAsync(peer, type, last: null);
    }

    // The harness has this scenario in both of its features.
    [Theory]
    [InlineData("CDS", "LDS")]
    [InlineData("LDS", "CDS")]
    [InlineData("RDS", "EDS")]
    [InlineData("EDS", "RDS")]
    public async Task Types_on_one_stream_do_not_mind_each_other(string type, string other)
    {
        Given(type, "a", "b");
        Set(other, 1, "a", "b");
        var peer = Open("sotw");
        await peer.AskAsync(type, "b");
        await peer.AckAsync(await ReceivesAsync(peer, type, ("b", 1)));
        await peer.AskAsync(other, "b");
        await peer.AckAsync(await ReceivesAsync(peer, other, ("b", 1)));
        Set(type, 2, "b");
        await EndsQuietlyAsync(peer, type, await ReceivesAsync(peer, type, ("b", 2)));
        await EndsQuietlyAsync(peer, other, last: null);
    }
}
