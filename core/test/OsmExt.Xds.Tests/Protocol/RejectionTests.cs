using OsmExt.Envoy;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Tests.Protocol;

public sealed class RejectionTests
{
    public static TheoryData<string> Variants => Wire.Variants;

    [Theory]
    [MemberData(nameof(Variants))]
    public void What_was_rejected_is_recorded_and_not_sent_again_until_it_changes(string variant)
    {
        var wire = Wire.Of(variant).Publish(Some.StaticCluster("c"), Some.StaticCluster("d"));
        wire.Ask("CDS");
        wire.Settle();
        wire.Change(Some.StaticCluster("c", 2));
        wire.Sent();
        Assert.Equal(RequestCase.Nack, wire.Nack("CDS", "c is bad"));
        Assert.Empty(wire.Sent());

        var rejection = Assert.Single(wire.Rejections.All);
        Assert.Equal(("proxy", TypeUrls.Cluster, "c", Some.StaticCluster("c", 2).Version, "c is bad"), (rejection.ProxyId, rejection.TypeUrl, rejection.Name, rejection.Version, rejection.Message));
        Assert.Equal(wire.Clock.GetUtcNow(), rejection.Time);

        // Another resource changes: full state represents the rejected one by what the client took last.
        wire.Change(Some.StaticCluster("d", 2));
        Assert.Equal([variant == "delta" ? "CDS d" : "CDS c d"], wire.Settle());
        Assert.DoesNotContain(Some.StaticCluster("c", 2), wire.Last["CDS"].Resources);

        wire.Change(Some.StaticCluster("c", 3));
        Assert.Equal([variant == "delta" ? "CDS c" : "CDS c d"], wire.Settle());
        Assert.Empty(wire.Rejections.All);
    }

    // Left out of a full list it would be taken away, and with it the version the client took on the stream before.
    [Fact]
    public void In_full_state_what_was_refused_stays_where_the_client_may_have_a_good_version_from_another_stream()
    {
        var wire = Wire.Of("sotw").Publish(Some.StaticCluster("c"), Some.StaticCluster("d"));
        wire.Ask("CDS");
        wire.Settle();
        wire.Change(Some.StaticCluster("c", 2));
        wire.Sent();
        wire.Nack("CDS", "c is bad");

        wire.Reconnect();
        wire.Resume("CDS", [], hasHistory: true, []);
        Assert.Equal(["CDS c d"], wire.Sent());
        wire.Nack("CDS", "c is bad");
        Assert.Empty(wire.Sent());
        wire.Change(Some.StaticCluster("d", 2));
        Assert.Equal(["CDS c d"], wire.Sent());
        wire.Ack("CDS");
        Assert.Empty(wire.Rejections.All);
    }

    [Fact]
    public void In_full_state_what_was_refused_is_left_out_where_the_client_has_nothing_to_lose()
    {
        var wire = Wire.Of("sotw").Publish(Some.StaticCluster("c"), Some.StaticCluster("d"));
        wire.Ask("CDS");
        wire.Sent();
        wire.Nack("CDS", "c is bad");
        wire.Change(Some.StaticCluster("d", 2));
        Assert.Equal(["CDS d"], wire.Settle());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Going_back_to_what_the_client_took_last_sends_nothing(string variant)
    {
        var wire = Wire.Of(variant).Publish(Some.Route("r"));
        wire.Ask("RDS", "r");
        wire.Settle();
        wire.Change(Some.Route("r", 2));
        wire.Sent();
        wire.Nack("RDS", "no");
        wire.Change(Some.Route("r", 1));
        Assert.Empty(wire.Sent());
        Assert.Empty(wire.Rejections.All);
        wire.Change(Some.Route("r", 2));
        Assert.Equal(["RDS r"], wire.Sent());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void What_was_refused_in_bad_company_is_offered_again_once_it_is_forgiven(string variant)
    {
        var wire = Wire.Of(variant).Publish(Some.Route("r"), Some.Route("s"), Some.Route("t"));
        wire.Ask("RDS", "r", "s", "t");
        wire.Settle();
        wire.Change(Some.Route("r", 2), Some.Route("s", 2));
        wire.Sent();
        wire.Nack("RDS", "no");
        wire.Change(Some.Route("t", 2));
        wire.Sent();
        wire.Nack("RDS", "t is bad");
        wire.Change(Some.Route("r", 3));
        Assert.Equal(["RDS r"], wire.Settle());

        wire.State.ForgiveUnnamed(TypeUrls.Route);

        Assert.Equal(["RDS s"], wire.Settle());
        Assert.Equal("t", Assert.Single(wire.Rejections.All).Name);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Of_a_partial_response_only_the_named_resources_are_rejected_and_the_rest_is_sent_again(string variant)
    {
        var wire = Wire.Of(variant).Publish(Some.Route("pay"), Some.Route("payments"), Some.Route("shop"));
        wire.Ask("RDS", "pay", "payments", "shop");
        Assert.Equal(["RDS pay payments shop"], wire.Sent());
        wire.Nack("RDS", "route 'payments' has no virtual host");
        Assert.Equal(["RDS pay shop"], wire.Sent());
        Assert.Equal(["payments"], wire.Rejections.All.Select(r => r.Name));
        wire.Nack("RDS", "also shop");
        Assert.Equal(["RDS pay"], wire.Sent());
        wire.Nack("RDS", "I do not know why");
        Assert.Empty(wire.Sent());
        Assert.Equal(["pay", "payments", "shop"], wire.Rejections.All.Select(r => r.Name));
    }

    [Fact]
    public void Of_a_full_response_the_others_count_as_taken()
    {
        var wire = Wire.Of("sotw").Publish(Some.StaticCluster("a"), Some.StaticCluster("b"));
        wire.Ask("CDS");
        wire.Sent();
        wire.Nack("CDS", "cluster b: no");
        Assert.Empty(wire.Sent());
        wire.Change(Some.StaticCluster("c"));
        Assert.Equal(["CDS a c"], wire.Settle());
    }

    [Fact]
    public void Without_a_name_in_the_message_only_what_was_new_in_a_full_response_is_rejected()
    {
        var wire = Wire.Of("sotw").Publish(Some.StaticCluster("a"), Some.StaticCluster("b"));
        wire.Ask("CDS");
        wire.Settle();
        wire.Change(Some.StaticCluster("b", 2), Some.StaticCluster("c"));
        wire.Sent();
        wire.Nack("CDS", "no");
        Assert.Equal(["b", "c"], wire.Rejections.All.Select(r => r.Name));
        wire.Change(Some.StaticCluster("d"));
        Assert.Equal(["CDS a b d"], wire.Settle());
        Assert.Contains(Some.StaticCluster("b", 1), wire.Last["CDS"].Resources);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_client_that_rejects_everything_is_sent_each_version_once(string variant)
    {
        var wire = Wire.Of(variant).Publish(Some.Cluster("c"), Some.Endpoints("c"), Some.Listener("l"));
        wire.Ask("CDS");
        wire.Ask("EDS", "c");
        wire.Ask("LDS");
        var sent = 0;
        for (var content = 2; content < 12; content++)
        {
            while (wire.Next() is { } line)
            {
                sent++;
                wire.Nack(line[..3], content % 2 == 0 ? "no" : "c and l are bad");
            }

            wire.Change(Some.Cluster("c", content), Some.Endpoints("c", content), Some.Listener("l", content));
        }

        Assert.InRange(sent, 30, 30);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_rejected_version_is_not_sent_even_if_the_client_asks_again(string variant)
    {
        var wire = Wire.Of(variant).Publish(Some.Route("r"));
        wire.Ask("RDS", "r");
        wire.Sent();
        wire.Nack("RDS", "no");
        for (var i = 0; i < 3; i++)
        {
            _ = variant == "delta" ? wire.Unsubscribe("RDS", "r") : wire.Ask("RDS");
            wire.Ask("RDS", "r");
            Assert.Empty(wire.Sent());
        }
    }

    [Fact]
    public void Endpoints_owed_after_a_cluster_update_do_not_loop_when_rejected()
    {
        var wire = Wire.Of("delta").Publish(Some.Cluster("a"), Some.Cluster("b"), Some.Endpoints("a"), Some.Endpoints("b"));
        wire.Ask("CDS");
        wire.Ask("EDS", "a", "b");
        wire.Settle();
        wire.Change(Some.Cluster("a", 2), Some.Cluster("b", 2));
        Assert.Equal(["CDS a b"], wire.Sent());
        wire.Ack("CDS");
        Assert.Equal(["EDS a b"], wire.Sent());
        wire.Nack("EDS", "bad b");
        Assert.Equal(["EDS a"], wire.Sent());
        wire.Nack("EDS", "no reason");
        Assert.Empty(wire.Sent());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_proxy_that_comes_back_is_not_offered_what_it_rejected_unless_it_is_a_new_process(string variant)
    {
        var rejections = new ProxyRejections("proxy");
        var sotw = variant == "sotw";
        var kind = sotw ? XdsVariant.StateOfTheWorld : XdsVariant.Delta;
        XdsResource[] world = [Some.Route("good"), Some.Route("bad")];
        var before = new Wire(kind, rejections).Publish(world);
        before.Ask("RDS", "good", "bad");
        before.Sent();
        before.Nack("RDS", "bad");
        before.Settle();

        var again = new Wire(kind, rejections).Publish(world);
        again.Resume("RDS", new Dictionary<string, string> { ["good"] = Some.Route("good").Version }, "good", "bad");
        Assert.Equal([sotw ? "RDS good" : "RDS"], again.Settle());
        Assert.Single(rejections.All);

        var fresh = new Wire(kind, rejections).Publish(world);
        fresh.Ask("RDS", "good", "bad");
        Assert.Empty(rejections.All);
        Assert.Equal(["RDS bad good"], fresh.Settle());
    }

    [Fact]
    public void A_change_that_overtakes_the_rejection_is_sent()
    {
        var wire = Wire.Of("delta").Publish(Some.Route("r"));
        wire.Ask("RDS", "r");
        wire.Sent();
        wire.Change(Some.Route("r", 2));
        wire.Nack("RDS", "r");
        Assert.Equal(["RDS r"], wire.Settle());
        Assert.Empty(wire.Rejections.All);
    }

    [Fact]
    public void A_client_is_told_that_what_it_rejected_is_gone_because_it_may_have_kept_it()
    {
        var wire = Wire.Of("delta").Publish(Some.StaticCluster("c"));
        wire.Ask("CDS");
        wire.Sent();
        wire.Nack("CDS", "no");
        wire.Remove("CDS", "c");
        Assert.Equal(["CDS -c"], wire.Settle());
        Assert.Empty(wire.Rejections.All);
    }
}
