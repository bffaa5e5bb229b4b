using OsmExt.Envoy;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Tests.Protocol;

public sealed class StateOfTheWorldTests
{
    private readonly Wire _wire = new(XdsVariant.StateOfTheWorld);

    [Fact]
    public void Listeners_and_clusters_are_always_sent_in_full()
    {
        _wire.Publish(Some.Cluster("b"), Some.Cluster("a"), Some.Listener("l"));
        _wire.Ask("CDS");
        _wire.Ask("LDS");
        Assert.Equal(["CDS a b", "LDS l"], _wire.Settle());
        _wire.Change(Some.Cluster("b", 2));
        Assert.Equal(["CDS a b"], _wire.Settle());
    }

    [Fact]
    public void Of_other_types_only_what_changed_is_sent()
    {
        _wire.Publish(Some.Endpoints("a"), Some.Endpoints("b"), Some.Endpoints("unasked"));
        _wire.Ask("EDS", "a", "b", "missing");
        Assert.Equal(["EDS a b"], _wire.Settle());
        _wire.Change(Some.Endpoints("b", 2), Some.Endpoints("unasked", 2));
        Assert.Equal(["EDS b"], _wire.Settle());
        _wire.Change(Some.Endpoints("missing"));
        Assert.Equal(["EDS missing"], _wire.Settle());
    }

    [Fact]
    public void A_first_request_is_answered_even_if_there_is_nothing_to_say()
    {
        _wire.Publish();
        _wire.Ask("EDS", "a");
        _wire.Ask("LDS");
        _wire.Ask("my.own/Type");
        Assert.Equal(["EDS", "LDS", "my.own/Type"], _wire.Sent());
    }

    [Fact]
    public void Names_added_are_sent_even_if_they_were_sent_before()
    {
        _wire.Publish(Some.Route("a"), Some.Route("b"));
        _wire.Ask("RDS", "a", "b");
        _wire.Settle();
        Assert.Equal(RequestCase.Subscription, _wire.Ask("RDS", "a"));
        Assert.Empty(_wire.Sent());
        _wire.Ask("RDS", "a", "b");
        Assert.Equal(["RDS b"], _wire.Settle());
        Assert.Equal(RequestCase.Subscription, _wire.Ask("RDS", "a", "b"));
        Assert.Empty(_wire.Sent());
    }

    [Fact]
    public void An_acknowledgement_may_change_the_names()
    {
        _wire.Publish(Some.Route("a"), Some.Route("b"));
        _wire.Ask("RDS", "a");
        Assert.Equal(["RDS a"], _wire.Sent());
        Assert.Equal(RequestCase.Ack, _wire.Ask("RDS", "a", "b"));
        Assert.Equal(["RDS b"], _wire.Settle());
    }

    [Fact]
    public void An_empty_list_is_a_wildcard_only_until_a_name_was_given()
    {
        _wire.Publish(Some.Listener("a"), Some.Listener("b"));
        _wire.Ask("LDS");
        Assert.Equal(["LDS a b"], _wire.Settle());
        _wire.Ask("LDS", "b");
        Assert.Equal(["LDS b"], _wire.Settle());
        _wire.Ask("LDS");
        _wire.Change(Some.Listener("a", 2), Some.Listener("b", 2));
        Assert.Empty(_wire.Settle());
        _wire.Ask("LDS", "*");
        Assert.Equal(["LDS a b"], _wire.Settle());
    }

    [Fact]
    public void Requests_with_a_stale_or_invented_nonce_are_ignored_with_all_they_say()
    {
        _wire.Publish(Some.Route("a"), Some.Route("b"));
        _wire.Ask("RDS", "a");
        _wire.Settle();
        var answered = _wire.Last["RDS"].Nonce;
        _wire.Change(Some.Route("a", 2));
        Assert.Equal(["RDS a"], _wire.Sent());
        foreach (var nonce in new[] { answered, "", "invented", "0000000000000007.99" })
        {
            Assert.Equal(RequestCase.Stale, _wire.Send(new(TypeUrls.Route) { Nonce = nonce, Subscribe = ["a", "b"], Error = "no" }));
        }

        Assert.Empty(_wire.Sent());
        Assert.Empty(_wire.Rejections.All);
        Assert.Equal(RequestCase.Ack, _wire.Ack("RDS"));
    }

    [Fact]
    public void The_version_depends_on_content_only()
    {
        string Version(params XdsResource[][] history)
        {
            var wire = new Wire(XdsVariant.StateOfTheWorld);
            wire.Publish(history[0]);
            wire.Ask("CDS");
            wire.Ask("EDS", "a", "b");
            wire.Settle();
            foreach (var next in history[1..])
            {
                wire.Publish(next);
                wire.Settle();
            }

            return wire.Last["CDS"].Version + wire.Last["EDS"].Version;
        }

        XdsResource[] one = [Some.Cluster("a"), Some.Cluster("b", 2), Some.Endpoints("a"), Some.Endpoints("b", 2)];
        XdsResource[] two = [Some.Cluster("a"), Some.Cluster("b", 3), Some.Endpoints("a"), Some.Endpoints("b", 3)];
        Assert.Equal(Version(one), Version(two, one));
        Assert.Equal(Version(one), Version([.. one.Reverse()]));
        Assert.Equal(Version(one), Version([], one));
        Assert.NotEqual(Version(one), Version(two));
        Assert.Matches("^[0-9a-f]{64}$", Version(one));
    }

    [Fact]
    public void Removed_clusters_stay_in_the_list_until_the_routes_are_answered()
    {
        _wire.Publish(Some.StaticCluster("new"), Some.StaticCluster("old"), Some.Route("r"), Some.Listener("l"));
        _wire.Ask("CDS");
        _wire.Ask("LDS");
        _wire.Ask("RDS", "r");
        _wire.Settle();
        _wire.Publish(Some.StaticCluster("new", 2), Some.Route("r", 2));
        Assert.Equal(["CDS new old"], _wire.Sent());
        _wire.Ack("CDS");
        Assert.Equal(["RDS r"], _wire.Sent());
        _wire.Ack("RDS");
        Assert.Equal(["LDS"], _wire.Sent());
        _wire.Ack("LDS");
        Assert.Equal(["CDS new"], _wire.Settle());
    }
}
