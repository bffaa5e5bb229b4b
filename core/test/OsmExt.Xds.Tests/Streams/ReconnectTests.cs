using OsmExt.Xds.Tests.Hosting;

namespace OsmExt.Xds.Tests.Streams;

public sealed class ReconnectTests : StreamTests
{
    [Fact]
    public async Task In_delta_nothing_equal_is_sent_again_even_by_another_control_plane()
    {
        var kept = await LiveAsync(Server);
        await using var other = await XdsTestServer.StartAsync();
        other.Publish(Some.StaticCluster("same"), Some.StaticCluster("changed", 2), Some.StaticCluster("new"), Some.Endpoints("same"));

        await using var client = other.Connect(Proxy);
        await using var again = (DeltaPeer)Peer.Open(client, "delta");
        await again.ResumeAsync("CDS", kept["CDS"], "*");
        Assert.Equal("CDS changed new", await again.TakeAsync());
        Assert.Equal("CDS -gone", await again.TakeAsync());
        await again.ResumeAsync("EDS", kept["EDS"], "same");
        Assert.Equal("EDS", await again.TakeAsync());
        await again.NothingElseAsync();
    }

    [Fact]
    public async Task In_the_state_of_the_world_the_version_says_that_nothing_changed()
    {
        Server.Publish(Some.StaticCluster("a"), Some.StaticCluster("b"));
        var versions = new List<string>();
        foreach (var change in new Action[] { () => Server.Change(Some.StaticCluster("a", 2)), () => Server.Change(Some.StaticCluster("a", 1)), () => { } })
        {
            var peer = Open("sotw");
            await peer.AskAsync("CDS");
            var heard = await peer.NextAsync();
            versions.Add(heard.Versions["a"]);
            await peer.DisposeAsync();
            change();
        }

        Assert.Equal(versions[0], versions[2]);
        Assert.NotEqual(versions[0], versions[1]);
    }

    [Fact]
    public async Task A_refused_version_is_not_offered_to_the_proxy_when_it_comes_back_but_is_to_a_new_process()
    {
        Server.Publish(Some.Route("good"), Some.Route("bad"));
        var peer = (DeltaPeer)Open("delta");
        await peer.AskAsync("RDS", "good", "bad");
        var offered = await peer.NextAsync();
        await peer.NackAsync(offered, "bad is bad");
        Assert.Equal("RDS good", await peer.TakeAsync());
        await peer.DisposeAsync();

        var again = (DeltaPeer)Open("delta");
        await again.ResumeAsync("RDS", new Dictionary<string, string> { ["good"] = offered.Versions["good"] }, "good", "bad");
        Assert.Equal("RDS", await again.TakeAsync());
        Assert.Equal("bad", Assert.Single(Server.Rejections.All).Name);
        await again.NothingElseAsync();
        await again.DisposeAsync();

        var fresh = Open("delta");
        await fresh.AskAsync("RDS", "good", "bad");
        Assert.Equal("RDS bad good", await fresh.TakeAsync());
    }

    /// <summary>A stream's whole life; returns the versions it ended with, by type and name.</summary>
    private async Task<Dictionary<string, IReadOnlyDictionary<string, string>>> LiveAsync(XdsTestServer server)
    {
        server.Publish(Some.StaticCluster("same"), Some.StaticCluster("changed"), Some.StaticCluster("gone"), Some.Endpoints("same"));
        var peer = Open("delta");
        var kept = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        foreach (var (type, names) in new (string, string[])[] { ("CDS", ["*"]), ("EDS", ["same"]) })
        {
            await peer.AskAsync(type, names);
            var heard = await peer.NextAsync(type);
            kept[type] = heard.Versions;
            await peer.AckAsync(heard);
        }

        await peer.DisposeAsync();
        return kept;
    }
}
