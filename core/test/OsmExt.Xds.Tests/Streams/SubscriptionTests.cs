using Grpc.Core;
using OsmExt.Xds.Tests.Hosting;

namespace OsmExt.Xds.Tests.Streams;

public sealed class SubscriptionTests : StreamTests
{
    [Theory]
    [MemberData(nameof(Variants))]
    public async Task No_names_at_first_mean_everything_there_is_and_will_be(string variant)
    {
        Server.Publish(Some.StaticCluster("b"), Some.StaticCluster("a"), Some.Listener("l"));
        var peer = Open(variant);
        await peer.AskAsync("CDS");
        Assert.Equal("CDS a b", await peer.TakeAsync());
        Server.Change(Some.StaticCluster("c"));
        Assert.Equal(variant == "delta" ? "CDS c" : "CDS a b c", await peer.TakeAsync());
        Server.Remove("CDS", "a");
        Assert.Equal(variant == "delta" ? "CDS -a" : "CDS b c", await peer.TakeAsync());
        await peer.NothingElseAsync();
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Of_named_resources_only_the_named_are_sent_until_they_are_dropped(string variant)
    {
        Server.Publish(Some.Endpoints("a"), Some.Endpoints("b"), Some.Endpoints("c"));
        var peer = Open(variant);
        await peer.AskAsync("EDS", "a", "b");
        Assert.Equal("EDS a b", await peer.TakeAsync());
        Server.Change(Some.Endpoints("b", 2), Some.Endpoints("c", 2));
        Assert.Equal("EDS b", await peer.TakeAsync());
        await peer.DropAsync("EDS", "b");
        await peer.NothingElseAsync();
        Server.Change(Some.Endpoints("b", 3));
        Server.Change(Some.Endpoints("a", 3));
        Assert.Equal("EDS a", await peer.TakeAsync());
        await peer.NothingElseAsync();
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_name_that_does_not_exist_yet_is_sent_when_it_does(string variant)
    {
        Server.Publish();
        var peer = Open(variant);
        await peer.AskAsync("RDS", "later");
        Assert.Equal(variant == "delta" ? "RDS -later" : "RDS", await peer.TakeAsync());
        Server.Change(Some.Route("later"));
        Assert.Equal("RDS later", await peer.TakeAsync());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_wildcard_can_be_given_up_for_names(string variant)
    {
        Server.Publish(Some.StaticCluster("a"), Some.StaticCluster("b"));
        var peer = Open(variant);
        await peer.AskAsync("CDS", "*", "a");
        Assert.Equal("CDS a b", await peer.TakeAsync());
        await peer.DropAsync("CDS", "*");
        await peer.NothingElseAsync();
        Server.Change(Some.StaticCluster("b", 2));
        await peer.NothingElseAsync();
        Server.Change(Some.StaticCluster("a", 2));
        Assert.Equal("CDS a", await peer.TakeAsync());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_stream_opened_before_there_is_a_snapshot_waits_for_it(string variant)
    {
        var peer = Open(variant);
        await peer.AskAsync("CDS");
        await Eventually.HoldsAsync(() => Server.Registry.Describe(Proxy) is [{ Types.Count: 1 }], "the request has arrived");
        Assert.Equal(0, peer.Count);
        Server.Publish(Some.StaticCluster("a"));
        Assert.Equal("CDS a", await peer.TakeAsync());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_client_that_has_nothing_more_to_say_ends_its_stream_well(string variant)
    {
        Server.Publish(Some.StaticCluster("a"));
        var peer = Open(variant);
        await peer.AskAsync("CDS");
        await peer.TakeAsync();
        await peer.CompleteAsync();
        Assert.Equal(StatusCode.OK, (await peer.Ended.WaitAsync(Eventually.Patience)).StatusCode);
        await Eventually.HoldsAsync(() => Server.Registry.Proxies.Count == 0, "the stream is forgotten");
    }
}
