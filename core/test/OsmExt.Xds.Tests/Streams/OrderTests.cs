using OsmExt.Xds.Server;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Xds.Tests.Streams;

/// <summary>Make before break, over the network. Nothing goes out of turn because time passed: the hold is long.</summary>
public sealed class OrderTests : StreamTests
{
    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Clusters_and_endpoints_are_taken_before_listeners_and_routes_that_use_them(string variant)
    {
        var peer = await SettledAsync(variant);
        Server.Change(Some.Route("r", 2), Some.Listener("l", 2), Some.Endpoints("new"), Some.Cluster("new"));

        var clusters = await peer.NextAsync();
        Assert.Equal(variant == "delta" ? "CDS new" : "CDS new old", clusters.ToString());
        await peer.NothingElseAsync();
        await peer.AckAsync(clusters);

        // The client has not asked for the new cluster's endpoints yet.
        await peer.NothingElseAsync();
        await peer.AskAsync("EDS", variant == "delta" ? ["new"] : ["new", "old"]);
        var endpoints = await peer.NextAsync();
        Assert.Equal("EDS new", endpoints.ToString());
        await peer.NothingElseAsync();
        await peer.AckAsync(endpoints);

        Assert.Equal("LDS l", await peer.TakeAsync());
        Assert.Equal("RDS r", await peer.TakeAsync());
        await peer.NothingElseAsync();
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task What_is_gone_is_taken_away_after_the_routes_to_it(string variant)
    {
        var peer = await SettledAsync(variant);
        Server.Patch(XdsChange.Remove(Wire.TypeUrl("CDS"), "old"), XdsChange.Remove(Wire.TypeUrl("EDS"), "old"), XdsChange.Set(Some.Route("r", 2)));
        var routes = await peer.NextAsync();
        Assert.Equal("RDS r", routes.ToString());
        await peer.NothingElseAsync();
        await peer.AckAsync(routes);
        if (variant == "delta")
        {
            Assert.Equal("EDS -old", await peer.TakeAsync());
            Assert.Equal("CDS -old", await peer.TakeAsync());
        }
        else
        {
            Assert.Equal("CDS", await peer.TakeAsync());
        }

        await peer.NothingElseAsync();
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_refusal_lets_the_next_type_go(string variant)
    {
        var peer = await SettledAsync(variant);
        Server.Change(Some.Listener("l", 2), Some.Cluster("old", 2));
        await peer.NackAsync(await peer.NextAsync("CDS"), "old is bad");
        Assert.Equal("LDS l", await peer.TakeAsync());
        await peer.NothingElseAsync();
    }

    private protected override void Configure(XdsServerOptions options) => options.HoldTimeout = TimeSpan.FromMinutes(10);

    private async Task<Peer> SettledAsync(string variant)
    {
        Server.Publish(Some.Cluster("old"), Some.Endpoints("old"), Some.Listener("l"), Some.Route("r"));
        var peer = Open(variant);
        await peer.AskAsync("CDS");
        Assert.Equal("CDS old", await peer.TakeAsync());
        await peer.AskAsync("EDS", "old");
        Assert.Equal("EDS old", await peer.TakeAsync());
        await peer.AskAsync("LDS");
        Assert.Equal("LDS l", await peer.TakeAsync());
        await peer.AskAsync("RDS", "r");
        Assert.Equal("RDS r", await peer.TakeAsync());
        return peer;
    }
}
