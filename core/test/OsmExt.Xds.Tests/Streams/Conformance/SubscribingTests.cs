namespace OsmExt.Xds.Tests.Streams.Conformance;

/// <summary>The harness's feature "subscribing", in the state of the world.</summary>
public sealed class SubscribingTests : ConformanceTests
{
    public static TheoryData<string, bool> FullTypes => On(Full);

    public static TheoryData<string, bool> PartialTypes => On(Partial);

    public static TheoryData<string, bool> AllTypes => On([.. Full, .. Partial]);

    [Theory]
    [MemberData(nameof(FullTypes))]
    public async Task A_wildcard_brings_everything(string type, bool separate)
    {
        Given(type, "c", "a", "b");
        var peer = Open("sotw", type, separate);
        await peer.AskAsync(type);
        await EndsQuietlyAsync(peer, type, await ReceivesAsync(peer, type, ("a", 1), ("b", 1), ("c", 1)), wildcard: true);
    }

    [Theory]
    [MemberData(nameof(FullTypes))]
    public async Task Under_a_wildcard_a_change_brings_everything_again_with_another_version(string type, bool separate)
    {
        Given(type, "a", "b", "c");
        var peer = Open("sotw", type, separate);
        await peer.AskAsync(type);
        var first = await ReceivesAsync(peer, type, ("a", 1), ("b", 1), ("c", 1));
        await peer.AckAsync(first);
        Set(type, 2, "a");
        var second = await ReceivesAsync(peer, type, ("a", 2), ("b", 1), ("c", 1));
        Assert.NotEqual(first.Versions["a"], second.Versions["a"]);
        Assert.NotEqual(first.Nonce, second.Nonce);
        await EndsQuietlyAsync(peer, type, second, wildcard: true);
    }

    [Theory]
    [MemberData(nameof(FullTypes))]
    public async Task Under_a_wildcard_what_is_added_comes_too(string type, bool separate)
    {
        Given(type, "a", "b", "c");
        var peer = Open("sotw", type, separate);
        await peer.AskAsync(type);
        await peer.AckAsync(await ReceivesAsync(peer, type, ("a", 1), ("b", 1), ("c", 1)));
        Set(type, 1, "d");
        await EndsQuietlyAsync(peer, type, await ReceivesAsync(peer, type, ("a", 1), ("b", 1), ("c", 1), ("d", 1)), wildcard: true);
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public async Task Who_names_some_gets_those(string type, bool separate)
    {
        Given(type, "a", "b", "c", "d");
        var peer = Open("sotw", type, separate);
        await peer.AskAsync(type, "d", "b");
        await EndsQuietlyAsync(peer, type, await ReceivesAsync(peer, type, ("b", 1), ("d", 1)));
    }

    [Theory]
    [MemberData(nameof(FullTypes))]
    public async Task When_a_named_one_changes_all_named_come(string type, bool separate)
    {
        Given(type, "a", "b", "c", "d");
        var peer = Open("sotw", type, separate);
        await peer.AskAsync(type, "b", "d");
        await peer.AckAsync(await ReceivesAsync(peer, type, ("b", 1), ("d", 1)));
        Set(type, 2, "b");
        await EndsQuietlyAsync(peer, type, await ReceivesAsync(peer, type, ("b", 2), ("d", 1)));
    }

    [Theory]
    [MemberData(nameof(PartialTypes))]
    public async Task When_a_named_one_changes_it_comes_alone_where_responses_may_be_partial(string type, bool separate)
    {
        Given(type, "a", "b", "c", "d");
        var peer = Open("sotw", type, separate);
        await peer.AskAsync(type, "b", "d");
        await peer.AckAsync(await ReceivesAsync(peer, type, ("b", 1), ("d", 1)));
        Set(type, 2, "b", "c");
        await EndsQuietlyAsync(peer, type, await ReceivesAsync(peer, type, ("b", 2)));
    }

    [Theory]
    [MemberData(nameof(FullTypes))]
    public async Task One_named_before_it_exists_comes_with_the_others_when_it_does(string type, bool separate)
    {
        Given(type, "a", "b");
        var peer = Open("sotw", type, separate);
        await peer.AskAsync(type, "a", "z");
        await peer.AckAsync(await ReceivesAsync(peer, type, ("a", 1)));
        Set(type, 1, "z");
        await EndsQuietlyAsync(peer, type, await ReceivesAsync(peer, type, ("a", 1), ("z", 1)));
    }

    [Theory]
    [MemberData(nameof(PartialTypes))]
    public async Task One_named_before_it_exists_comes_alone_when_it_does_where_responses_may_be_partial(string type, bool separate)
    {
        Given(type, "a", "b");
        var peer = Open("sotw", type, separate);
        await peer.AskAsync(type, "a", "z");
        await peer.AckAsync(await ReceivesAsync(peer, type, ("a", 1)));
        Set(type, 1, "z");
        await EndsQuietlyAsync(peer, type, await ReceivesAsync(peer, type, ("z", 1)));
    }
}
