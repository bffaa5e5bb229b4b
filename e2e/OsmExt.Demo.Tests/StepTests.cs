using OsmExt.Demo.Script;
using OsmExt.Demo.Traffic;

namespace OsmExt.Demo.Tests;

public class StepTests
{
    private static readonly Step Moved = new("", "", null, exchange => exchange.Answered switch { "v2" => true, "v1" => false, _ => null }, 0, []);

    [Fact]
    public void A_change_is_in_force_when_nothing_denies_it_any_more()
    {
        Exchange[] seen = [By("v1", 0), By("v2", 1), By("v1", 2), By("v2", 3), By("other", 4), By("v2", 5)];
        Assert.Same(seen[3], Moved.Effect(seen));
        Assert.Equal(seen[3..], Moved.Settled(seen));
    }

    [Fact]
    public void What_denies_it_in_the_same_millisecond_is_not_settled()
    {
        Exchange[] seen = [By("v1", 7), By("v2", 7)];
        Assert.Equal(seen[1..], Moved.Settled(seen));
    }

    [Fact]
    public void A_change_denied_last_is_not_in_force()
    {
        Exchange[] seen = [By("v2", 0), By("v1", 1)];
        Assert.Null(Moved.Effect(seen));
        Assert.Empty(Moved.Settled(seen));
    }

    private static Exchange By(string instance, int at)
        => new("a", "b", "GET /", 200, instance, "", "", DateTimeOffset.UnixEpoch.AddMilliseconds(at), DateTimeOffset.UnixEpoch.AddMilliseconds(at + 1));
}
