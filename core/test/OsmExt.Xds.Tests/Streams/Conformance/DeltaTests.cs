namespace OsmExt.Xds.Tests.Streams.Conformance;

/// <summary>The harness's feature "delta".</summary>
public sealed class DeltaTests : ConformanceTests
{
    public static TheoryData<string, bool> AllTypes => On([.. Full, .. Partial, "SDS"]);

    [Theory]
    [MemberData(nameof(AllTypes))]
    public async Task What_is_asked_for_one_after_the_other_comes_one_after_the_other(string type, bool separate)
    {
        Given(type, "a", "b", "c");
        var peer = Open("delta", type, separate);
        await peer.AskAsync(type, "a");
        await peer.AckAsync(await ReceivesAsync(peer, type, ("a", 1)));
        await peer.AskAsync(type, "b");
        await EndsQuietlyAsync(peer, type, await ReceivesAsync(peer, type, ("b", 1)));
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public async Task A_change_brings_what_changed(string type, bool separate)
    {
        Given(type, "a", "b", "c");
        var peer = Open("delta", type, separate);
        await peer.AskAsync(type, "a", "b", "c");
        var first = await ReceivesAsync(peer, type, ("a", 1), ("b", 1), ("c", 1));
        await peer.AckAsync(first);
        Set(type, 2, "a");
        var second = await ReceivesAsync(peer, type, ("a", 2));
        Assert.DoesNotContain(second.Versions["a"], first.Versions.Values);
        Assert.NotEqual(first.Nonce, second.Nonce);
        await EndsQuietlyAsync(peer, type, second);
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public async Task Who_asks_for_what_does_not_exist_is_told_so_and_gets_it_when_it_does(string type, bool separate)
    {
        Given(type, "a");
        var peer = Open("delta", type, separate);
        await peer.AskAsync(type, "a", "b");
        var heard = await peer.NextAsync();
        Assert.Equal($"{type} a -b", heard.ToString());
        await peer.AckAsync(heard);
        Set(type, 1, "b");
        await EndsQuietlyAsync(peer, type, await ReceivesAsync(peer, type, ("b", 1)));
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public async Task What_is_gone_is_said_to_be_gone_and_comes_again_when_it_is_back(string type, bool separate)
    {
        Given(type, "a", "b");
        var peer = Open("delta", type, separate);
        await peer.AskAsync(type, "a", "b");
        await peer.AckAsync(await ReceivesAsync(peer, type, ("a", 1), ("b", 1)));
        Server.Remove(type, "b");
        Assert.Equal($"{type} -b", await peer.TakeAsync());
        Set(type, 2, "b");
        await EndsQuietlyAsync(peer, type, await ReceivesAsync(peer, type, ("b", 2)));
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public async Task Who_gives_up_one_after_the_other_hears_of_neither(string type, bool separate)
    {
        Given(type, "a", "b");
        var peer = Open("delta", type, separate);
        await peer.AskAsync(type, "a", "b");
        await peer.AckAsync(await ReceivesAsync(peer, type, ("a", 1), ("b", 1)));
        await DropAsync(peer, type, "b");
        Set(type, 2, "b");
        await EndsQuietlyAsync(peer, type, last: null);
        await DropAsync(peer, type, "a");
        Set(type, 2, "a");
        await EndsQuietlyAsync(peer, type, last: null);
    }
}
