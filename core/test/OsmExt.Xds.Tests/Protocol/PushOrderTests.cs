using OsmExt.Envoy;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Tests.Protocol;

public sealed class PushOrderTests
{
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(2);

    public static TheoryData<string> Variants => Wire.Variants;

    [Theory]
    [MemberData(nameof(Variants))]
    public void Changes_go_cluster_first_each_type_after_the_answer_to_the_one_before(string variant)
    {
        var wire = Everything(variant);
        wire.Publish(World(2));
        foreach (var expected in new[] { "CDS c", "EDS c", "LDS l", "RDS r", "SDS s" })
        {
            Assert.Equal([expected], wire.Sent());
            wire.Ack(expected[..3]);
        }

        Assert.Empty(wire.Sent());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_rejection_is_an_answer(string variant)
    {
        var wire = Everything(variant);
        wire.Publish(World(2));
        Assert.Equal(["CDS c"], wire.Sent());
        wire.Nack("CDS", "no");
        Assert.Equal(["EDS c"], wire.Sent());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void What_a_client_asks_for_is_never_held_back(string variant)
    {
        var wire = Everything(variant);
        wire.Publish([.. World(2), Some.Route("other"), Some.Secret("other")]);
        Assert.Equal(["CDS c"], wire.Sent());
        wire.Ask("SDS", "s", "other");
        wire.Ask("RDS", "r", "other");
        Assert.Equal(variant == "delta" ? ["RDS other r", "SDS other s"] : ["RDS other", "SDS other"], wire.Sent());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_type_that_is_never_answered_holds_back_the_others_only_so_long(string variant)
    {
        var wire = Everything(variant);
        wire.Publish(World(2));
        Assert.Equal(["CDS c"], wire.Sent());
        Assert.Equal(Hold, wire.State.Hold());
        wire.Clock.Advance(Hold - TimeSpan.FromMilliseconds(1));
        Assert.Empty(wire.Sent());
        Assert.Equal(TimeSpan.FromMilliseconds(1), wire.State.Hold());
        wire.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["EDS c", "LDS l", "RDS r", "SDS s"], wire.Sent());
        foreach (var type in new[] { "EDS", "LDS", "RDS", "SDS" })
        {
            wire.Ack(type);
        }

        // From now on nobody waits for the cluster response: it is old.
        wire.Change(Some.Route("r", 3), Some.Cluster("c", 3));
        Assert.Equal(["RDS r"], wire.Sent());
        wire.Ack("CDS");
        Assert.Equal(["CDS c"], wire.Sent());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_client_that_never_answers_gets_one_response_of_each_type(string variant)
    {
        var wire = Everything(variant);
        for (var i = 2; i < 20; i++)
        {
            wire.Publish(World(i));
            wire.Sent();
            wire.Clock.Advance(Hold);
        }

        wire.Sent();
        wire.Publish(World(30));
        wire.Clock.Advance(10 * Hold);
        Assert.Empty(wire.Sent());
        Assert.All(wire.State.Subscriptions.Where(s => s.Begun), s => Assert.NotNull(s.InFlight));
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Steady_change_of_one_type_does_not_starve_the_next(string variant)
    {
        var wire = Everything(variant);
        wire.Publish(World(2));
        var others = new List<string>();
        for (var i = 3; i < 300; i++)
        {
            // Every answer to a cluster response finds the next cluster change waiting.
            wire.Change(Some.StaticCluster("churn", i));
            var sent = wire.Sent();
            others.AddRange(sent.Where(s => !s.StartsWith("CDS", StringComparison.Ordinal)));
            wire.Change(Some.StaticCluster("churn", i + 1000));
            foreach (var line in sent)
            {
                wire.Ack(line[..3]);
            }

            wire.Clock.Advance(TimeSpan.FromMilliseconds(20));
        }

        Assert.Equal(["EDS c", "LDS l", "RDS r", "SDS s"], others);
    }

    [Fact]
    public void Removals_come_last_in_reverse_order_one_after_the_answer_to_the_other()
    {
        var wire = Everything("delta");
        wire.Publish([Some.Listener("m"), .. World(1)]);
        wire.Settle();
        wire.Publish(Some.Listener("m", 2));
        foreach (var expected in new[] { "LDS m", "SDS -s", "RDS -r", "LDS -l", "EDS -c", "CDS -c" })
        {
            Assert.Equal([expected], wire.Sent());
            wire.Ack(expected[..3]);
        }

        Assert.Empty(wire.Sent());
    }

    [Fact]
    public void What_is_gone_and_comes_back_before_it_was_removed_is_not_mentioned()
    {
        var wire = Everything("delta");
        wire.Change(Some.Listener("l", 2)).Remove("CDS", "c");
        Assert.Equal(["LDS l"], wire.Sent());
        wire.Change(Some.Cluster("c"));
        wire.Ack("LDS");
        Assert.Empty(wire.Sent());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_removal_waits_twice_as_long_as_an_update_for_a_client_that_does_not_answer(string variant)
    {
        var wire = Everything(variant);
        wire.Change(Some.Listener("l", 2)).Remove("CDS", "c");
        Assert.Equal(["LDS l"], wire.Sent());
        wire.Clock.Advance(Hold - TimeSpan.FromMilliseconds(1));
        Assert.Empty(wire.Sent());
        wire.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([variant == "delta" ? "CDS -c" : "CDS"], wire.Sent());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Endpoints_follow_an_updated_cluster_even_if_they_did_not_change(string variant)
    {
        var wire = Everything(variant);
        wire.Change(Some.Cluster("c", 2));
        Assert.Equal(["CDS c"], wire.Sent());
        wire.Ack("CDS");
        Assert.Equal(["EDS c"], wire.Sent());
        Assert.Equal(Some.Endpoints("c"), wire.Last["EDS"].Resources[0]);
        wire.Ack("EDS");
        Assert.Empty(wire.Sent());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Endpoints_follow_a_new_cluster_that_uses_those_of_another(string variant)
    {
        var wire = Everything(variant);
        wire.Change(Some.Cluster("d", serviceName: "c"));
        Assert.Equal([variant == "delta" ? "CDS d" : "CDS c d", "EDS c"], wire.Settle());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Endpoints_do_not_follow_a_cluster_that_was_rejected_or_is_not_of_their_kind(string variant)
    {
        var wire = Everything(variant);
        wire.Change(Some.Cluster("c", 2));
        wire.Sent();
        wire.Nack("CDS", "bad c");
        Assert.Empty(wire.Sent());
        wire.Change(Some.StaticCluster("c"));
        wire.Sent();
        wire.Ack("CDS");
        Assert.Empty(wire.Sent());
    }

    [Fact]
    public void After_a_reconnect_endpoints_follow_an_updated_cluster_even_if_the_client_has_them()
    {
        foreach (var clustersFirst in new[] { true, false })
        {
            var wire = new Wire(XdsVariant.Delta);
            wire.Publish(Some.Cluster("c", 2), Some.Endpoints("c"), Some.Cluster("same"), Some.Endpoints("same"));
            var clusters = new Dictionary<string, string> { ["c"] = Some.Cluster("c").Version, ["same"] = Some.Cluster("same").Version };
            var endpoints = new Dictionary<string, string> { ["c"] = Some.Endpoints("c").Version, ["same"] = Some.Endpoints("same").Version };
            if (clustersFirst)
            {
                wire.Resume("CDS", clusters);
                Assert.Equal(["CDS c"], wire.Sent());
                wire.Resume("EDS", endpoints, "c", "same");
                Assert.Equal(["EDS c"], wire.Sent());
            }
            else
            {
                wire.Resume("EDS", endpoints, "c", "same");
                Assert.Equal(["EDS"], wire.Settle());
                wire.Resume("CDS", clusters);
                Assert.Equal(["CDS c", "EDS c"], wire.Settle());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Listeners_and_routes_wait_until_the_endpoints_of_new_clusters_were_asked_for_and_answered(string variant)
    {
        var wire = Everything(variant);
        wire.Change(Some.Cluster("new"), Some.Endpoints("new"), Some.Listener("l", 2), Some.Route("r", 2));
        wire.Sent();
        wire.Ack("CDS");
        Assert.Empty(wire.Sent());
        wire.Ask("EDS", "c", "new");
        Assert.Equal([variant == "delta" ? "EDS c new" : "EDS new"], wire.Sent());
        Assert.Empty(wire.Sent());
        wire.Ack("EDS");
        Assert.Equal(["LDS l"], wire.Sent());
        wire.Ack("LDS");
        Assert.Equal(["RDS r"], wire.Sent());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Listeners_do_not_wait_for_ever_for_a_client_that_does_not_ask_for_endpoints(string variant)
    {
        var wire = Everything(variant);
        for (var i = 0; i < 4; i++)
        {
            wire.Change(Some.Cluster($"new{i}"), Some.Listener("l", 2));
            wire.Sent();
            wire.Ack("CDS");
            Assert.Empty(wire.Sent());
            wire.Clock.Advance(Hold / 4);
        }

        Assert.Equal(["LDS l"], wire.Sent());
    }

    [Fact]
    public void Types_out_of_the_order_come_last()
    {
        var wire = Everything("delta");
        wire.Ask("type.googleapis.com/google.protobuf.StringValue");
        wire.Settle();
        var custom = XdsResource.Create(new Google.Protobuf.WellKnownTypes.StringValue { Value = "x" }, "x");
        wire.Patch(Snapshots(custom), Snapshots(Some.Secret("s", 2)));
        Assert.Equal(["SDS s"], wire.Sent());
        wire.Ack("SDS");
        Assert.Equal(["type.googleapis.com/google.protobuf.StringValue x"], wire.Sent());
    }

    private static Xds.Snapshots.XdsChange Snapshots(XdsResource resource) => Xds.Snapshots.XdsChange.Set(resource);

    /// <summary>One resource of each type, subscribed to and acknowledged.</summary>
    private static Wire Everything(string variant)
    {
        var wire = Wire.Of(variant).Publish(World(1));
        wire.Ask("CDS");
        wire.Ask("LDS");
        wire.Ask("EDS", "c");
        wire.Ask("RDS", "r");
        wire.Ask("SDS", "s");
        Assert.Equal(["CDS c", "EDS c", "LDS l", "RDS r", "SDS s"], wire.Settle());
        return wire;
    }

    private static XdsResource[] World(int content)
        => [Some.Cluster("c", content), Some.Endpoints("c", content), Some.Listener("l", content), Some.Route("r", content), Some.Secret("s", content)];
}
