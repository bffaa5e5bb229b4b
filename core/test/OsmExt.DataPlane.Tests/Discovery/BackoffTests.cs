using OsmExt.DataPlane.Discovery;

namespace OsmExt.DataPlane.Tests.Discovery;

/// <summary>How long to wait before the next attempt.</summary>
public class BackoffTests
{
    [Fact]
    public void Pauses_double_up_to_a_limit_and_begin_anew_after_success()
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(5), new Chance(new Random(1)));
        foreach (var full in new[] { 250, 500, 1000, 2000, 4000, 5000, 5000 })
        {
            Assert.InRange(backoff.Next().TotalMilliseconds, full / 2d, full);
        }

        backoff.Reset();
        Assert.InRange(backoff.Next().TotalMilliseconds, 125, 250);
    }

    [Fact]
    public void Proxies_that_lose_their_control_plane_together_do_not_come_back_together()
        => Assert.True(Enumerable.Range(0, 100).Select(seed => new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), new Chance(new Random(seed))).Next()).Distinct().Count() > 90);
}
