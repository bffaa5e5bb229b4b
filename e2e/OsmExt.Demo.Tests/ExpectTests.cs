using OsmExt.Demo.Measure;
using OsmExt.Demo.Script;
using OsmExt.Demo.Traffic;

namespace OsmExt.Demo.Tests;

public class ExpectTests
{
    private static readonly Exchange Good = new("buyer", "store", "GET /", 200, "v1", "spiffe://buyer", "spiffe://v1", default, default);
    private static readonly Exchange Bad = Good with { Status = 403, Answered = "", Self = "", Peer = "" };

    [Fact]
    public void Nothing_seen_proves_nothing() => Assert.All(
        (Func<Observed, Check>[])
        [
            Expect.Status("buyer", "GET /", 200), Expect.Refused("buyer"), Expect.NothingLost("buyer"), Expect.Share("store", "v2", 0, 5),
            Expect.Identities("buyer", "v1", "spiffe://buyer", "spiffe://v1"),
        ],
        expectation => Assert.False(expectation(new([], [])).Held));

    [Fact]
    public void One_exception_is_enough()
    {
        var seen = new Observed([Good, Bad], [Good, Bad]);
        Assert.False(Expect.Status("buyer", "GET /", 200)(seen).Held);
        Assert.False(Expect.Refused("buyer")(seen).Held);
        Assert.False(Expect.NothingLost("buyer")(seen).Held);
        Assert.False(Expect.Identities("buyer", "v1", "spiffe://buyer", "spiffe://other")(seen).Held);
    }

    [Fact]
    public void A_loss_before_the_change_is_in_force_counts() => Assert.False(Expect.NothingLost("buyer")(new([Bad, Good], [Good])).Held);

    [Theory]
    [InlineData(59, true)]
    [InlineData(60, false)]
    [InlineData(41, true)]
    [InlineData(40, false)]
    public void A_share_may_differ_by_its_tolerance(int ofHundred, bool held)
    {
        Exchange[] seen = [.. Enumerable.Range(0, 100).Select(i => Good with { Answered = i < ofHundred ? "v2" : "v1" }), Bad];
        Assert.Equal(held, Expect.Share("store", "v2", 50, 9)(new(seen, seen)).Held);
    }

    [Fact]
    public void Percentiles_are_times_that_were_measured()
    {
        Assert.Equal(new(100, 198, 200, 200), Percentiles.Of([.. Enumerable.Range(1, 200).Select(i => (double)i).Reverse()]));
        Assert.Equal(new(7, 7, 7, 1), Percentiles.Of([7]));
    }
}
