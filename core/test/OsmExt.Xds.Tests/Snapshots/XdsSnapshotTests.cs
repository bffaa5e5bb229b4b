using OsmExt.Envoy;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Xds.Tests.Snapshots;

public sealed class XdsSnapshotTests
{
    [Fact]
    public void A_changed_copy_leaves_the_original_alone_and_shares_the_rest()
    {
        var before = XdsSnapshot.Create(1, [Some.Cluster("a"), Some.Cluster("b"), Some.Route("r")]);
        var after = before.With(2, [Some.Cluster("b", 2), Some.Secret("s")], [(TypeUrls.Cluster, "a"), (TypeUrls.Cluster, "unknown")]);

        Assert.Equal([Some.Cluster("a"), Some.Cluster("b")], before.InOrder(TypeUrls.Cluster).AsEnumerable());
        Assert.Equal([Some.Cluster("b", 2)], after.InOrder(TypeUrls.Cluster).AsEnumerable());
        Assert.Equal((1L, 2L), (before.Revision, after.Revision));
        Assert.Same(before.Of(TypeUrls.Route), after.Of(TypeUrls.Route));
        Assert.Equal([TypeUrls.Cluster, TypeUrls.Route, TypeUrls.Secret], after.TypeUrls);
    }

    [Fact]
    public void Equal_content_is_no_change()
    {
        var before = XdsSnapshot.Create(1, [Some.Cluster("a")]);
        var after = before.With(2, [XdsChange.Set(Some.Cluster("a"))]);
        Assert.Same(before.Of(TypeUrls.Cluster), after.Of(TypeUrls.Cluster));
        Assert.Empty(XdsSnapshot.Create(3, [Some.Cluster("a")]).ChangesSince(before));
    }

    [Fact]
    public void The_difference_of_two_snapshots_turns_one_into_the_other()
    {
        var before = XdsSnapshot.Create(1, [Some.Cluster("a"), Some.Cluster("b"), Some.Cluster("c"), Some.Route("gone")]);
        var after = XdsSnapshot.Create(2, [Some.Cluster("b", 2), Some.Cluster("c"), Some.Cluster("d"), Some.Secret("s")]);
        var changes = after.ChangesSince(before);
        Assert.Equal(["a removed", "b", "d", "gone removed", "s"], changes.Select(c => c.Resource is null ? c.Name + " removed" : c.Name));
        Assert.Empty(before.With(2, changes).ChangesSince(after));
    }

    [Fact]
    public void What_is_a_streams_own_lies_over_what_it_shares()
    {
        var view = new XdsView(
            XdsSnapshot.Create(5, [Some.Secret("shared"), Some.Secret("both"), Some.Route("r")]), XdsSnapshot.Create(3, [Some.Secret("both", 2), Some.Secret("own")]));
        Assert.Equal([Some.Secret("both", 2), Some.Secret("own"), Some.Secret("shared")], view.InOrder(TypeUrls.Secret));
        Assert.Equal(Some.Secret("both", 2), view.Find(TypeUrls.Secret, "both"));
        Assert.Equal([Some.Route("r")], view.InOrder(TypeUrls.Route));
        Assert.Equal(5, view.Revision);
    }
}
