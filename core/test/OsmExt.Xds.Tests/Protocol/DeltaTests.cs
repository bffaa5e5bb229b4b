using OsmExt.Envoy;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Tests.Protocol;

public sealed class DeltaTests
{
    private readonly Wire _wire = new(XdsVariant.Delta);

    [Fact]
    public void A_first_request_without_names_gets_everything_in_order_of_name()
    {
        _wire.Publish(Some.Cluster("b"), Some.Cluster("a"), Some.Listener("l"));
        Assert.Equal(RequestCase.First, _wire.Ask("CDS"));
        Assert.Equal(["CDS a b"], _wire.Sent());
    }

    [Fact]
    public void A_first_request_is_answered_even_if_there_is_nothing_to_say()
    {
        _wire.Publish();
        _wire.Ask("CDS");
        _wire.Ask("my.own/Type");
        Assert.Equal(["CDS", "my.own/Type"], _wire.Sent());
    }

    [Fact]
    public void Nothing_is_answered_before_there_is_a_snapshot()
    {
        _wire.Ask("CDS");
        _wire.Ask("EDS", "a");
        Assert.Empty(_wire.Sent());
        _wire.Publish(Some.Cluster("a"), Some.Endpoints("a"));
        Assert.Equal(["CDS a", "EDS a"], _wire.Sent());
    }

    [Fact]
    public void Names_that_do_not_exist_are_said_to_be_removed_and_sent_when_they_appear()
    {
        _wire.Publish(Some.Route("here"));
        _wire.Ask("RDS", "here", "missing");
        Assert.Equal(["RDS here -missing"], _wire.Settle());
        _wire.Change(Some.Route("missing"));
        Assert.Equal(["RDS missing"], _wire.Settle());
    }

    [Fact]
    public void Only_what_changed_is_sent_and_equal_content_is_not_a_change()
    {
        _wire.Publish(Some.Route("a"), Some.Route("b"));
        _wire.Ask("RDS", "a", "b");
        _wire.Settle();
        _wire.Change(Some.Route("a", 2));
        Assert.Equal(["RDS a"], _wire.Settle());
        _wire.Publish(Some.Route("a", 2), Some.Route("b"), Some.Route("unasked"));
        Assert.Empty(_wire.Settle());
    }

    [Fact]
    public void While_a_response_is_unanswered_changes_merge_and_the_latest_wins()
    {
        _wire.Publish(Some.Route("a"), Some.Route("b"));
        _wire.Ask("RDS");
        Assert.Equal(["RDS a b"], _wire.Sent());
        _wire.Change(Some.Route("a", 2)).Change(Some.Route("a", 3)).Change(Some.Route("b", 2)).Change(Some.Route("b", 1));
        Assert.Empty(_wire.Sent());
        Assert.Equal(RequestCase.Ack, _wire.Ack("RDS"));
        Assert.Equal(["RDS a"], _wire.Settle());
        Assert.Equal(Some.Route("a", 3), _wire.Last["RDS"].Resources[0]);
    }

    [Fact]
    public void A_name_subscribed_again_is_sent_again()
    {
        _wire.Publish(Some.Secret("s"));
        _wire.Ask("SDS", "s");
        _wire.Settle();
        Assert.Equal(RequestCase.Subscription, _wire.Ask("SDS", "s"));
        Assert.Equal(["SDS s"], _wire.Settle());
    }

    [Fact]
    public void A_request_for_more_waits_for_the_answer_to_the_response_before()
    {
        _wire.Publish(Some.Secret("s"), Some.Secret("t"));
        _wire.Ask("SDS", "s");
        Assert.Equal(["SDS s"], _wire.Sent());
        _wire.Ask("SDS", "t");
        Assert.Empty(_wire.Sent());
        _wire.Ack("SDS");
        Assert.Equal(["SDS t"], _wire.Settle());
    }

    [Fact]
    public void What_is_unsubscribed_is_not_sent_and_not_answered()
    {
        _wire.Publish(Some.Route("a"), Some.Route("b"));
        _wire.Ask("RDS", "a", "b");
        _wire.Settle();
        _wire.Unsubscribe("RDS", "a", "never subscribed");
        _wire.Change(Some.Route("a", 2), Some.Route("b", 2));
        Assert.Equal(["RDS b"], _wire.Settle());
    }

    [Fact]
    public void Unsubscribing_a_name_under_a_wildcard_tells_whether_the_wildcard_covers_it()
    {
        _wire.Publish(Some.Listener("a"));
        _wire.Ask("LDS", "*", "a", "b");
        Assert.Equal(["LDS a -b"], _wire.Settle());
        _wire.Unsubscribe("LDS", "a", "b");
        Assert.Equal(["LDS a -b"], _wire.Settle());
    }

    [Fact]
    public void Unsubscribing_the_wildcard_leaves_the_names()
    {
        _wire.Publish(Some.Listener("a"), Some.Listener("b"));
        _wire.Ask("LDS");
        _wire.Settle();
        _wire.Ask("LDS", "a");
        Assert.Equal(["LDS a"], _wire.Settle());
        _wire.Unsubscribe("LDS", "*");
        _wire.Change(Some.Listener("a", 2), Some.Listener("b", 2));
        Assert.Equal(["LDS a"], _wire.Settle());
        _wire.Unsubscribe("LDS", "a");
        _wire.Change(Some.Listener("a", 3));
        Assert.Empty(_wire.Settle());
    }

    [Fact]
    public void A_client_that_has_it_all_from_before_gets_an_empty_answer()
    {
        _wire.Publish(Some.Cluster("a"), Some.Cluster("b"));
        _wire.Resume("CDS", Versions(Some.Cluster("a"), Some.Cluster("b")));
        Assert.Equal(["CDS"], _wire.Settle());
        _wire.Change(Some.Cluster("b", 2));
        Assert.Equal(["CDS b"], _wire.Settle());
    }

    [Fact]
    public void A_client_from_before_gets_what_differs_at_once_and_loses_what_is_gone_after_it()
    {
        _wire.Publish(Some.Cluster("same"), Some.Cluster("changed", 2), Some.Cluster("new"));
        _wire.Resume("CDS", Versions(Some.Cluster("same"), Some.Cluster("changed"), Some.Cluster("gone")));
        Assert.Equal(["CDS changed new"], _wire.Sent());
        _wire.Ack("CDS");
        _wire.Resume("EDS", Versions(), "changed", "new", "same");
        Assert.Equal(["EDS -changed -new -same", "CDS -gone"], _wire.Settle());
    }

    [Fact]
    public void Names_a_client_kept_and_asks_for_by_name_are_answered_at_once_when_gone()
    {
        _wire.Publish(Some.Secret("same"));
        _wire.Resume("SDS", Versions(Some.Secret("same"), Some.Secret("gone"), Some.Secret("not wanted")), "same", "gone");
        Assert.Equal(["SDS -gone"], _wire.Settle());
    }

    [Fact]
    public void A_name_asked_for_again_is_sent_even_if_the_client_said_before_that_it_has_it()
    {
        _wire.Publish(Some.Secret("s"), Some.Secret("t"));
        _wire.Resume("SDS", Versions(Some.Secret("s"), Some.Secret("t")), "s", "t");
        _wire.Ask("SDS", "t");
        Assert.Equal(["SDS t"], _wire.Settle());
    }

    [Fact]
    public void A_large_answer_comes_in_pieces()
    {
        var wire = new Wire(XdsVariant.Delta, maxResponseBytes: 2_500);
        wire.Publish([.. Enumerable.Range(0, 5).Select(i => Some.Route($"r{i}", padding: 1_000))]);
        wire.Ask("RDS");
        Assert.Equal(["RDS r0 r1", "RDS r2 r3", "RDS r4"], wire.Settle());
        wire.Publish([.. Enumerable.Range(0, 3).Select(i => Some.Route($"r{i}", 2, padding: 5_000))]);
        Assert.Equal(["RDS r0", "RDS r1", "RDS r2", "RDS -r3 -r4"], wire.Settle());
    }

    [Fact]
    public void Stale_and_invented_nonces_say_nothing_but_subscriptions_in_them_count()
    {
        _wire.Publish(Some.Route("a"), Some.Route("b"));
        _wire.Ask("RDS", "a");
        _wire.Settle();
        var answered = _wire.Last["RDS"].Nonce;
        _wire.Change(Some.Route("a", 2));
        Assert.Equal(["RDS a"], _wire.Sent());
        Assert.Equal(RequestCase.Stale, _wire.Say("RDS", answered));
        Assert.Equal(RequestCase.Stale, _wire.Say("RDS", answered, "no"));
        Assert.Equal(RequestCase.Stale, _wire.Send(new(TypeUrls.Route) { Nonce = "invented", Subscribe = ["b"] }));
        Assert.Empty(_wire.Sent());
        Assert.Equal(RequestCase.Ack, _wire.Ack("RDS"));
        Assert.Equal(RequestCase.Stale, _wire.Ack("RDS"));
        Assert.Equal(["RDS b"], _wire.Sent());
        Assert.Empty(_wire.Rejections.All);
    }

    private static Dictionary<string, string> Versions(params XdsResource[] resources) => resources.ToDictionary(r => r.Name, r => r.Version);
}
