using Microsoft.Extensions.Time.Testing;
using OsmExt.ControlPlane.Pipeline;

namespace OsmExt.ControlPlane.Tests.Pipeline;

public class HoldOffTests
{
    private static readonly TimeSpan LongestQuiet = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AtMost = TimeSpan.FromMilliseconds(500);
    private readonly FakeTimeProvider _time = new();
    private readonly HoldOff _holdOff;

    public HoldOffTests() => _holdOff = new(LongestQuiet, AtMost, _time);

    [Fact]
    public void Who_was_quiet_is_served_at_once()
    {
        Assert.Null(_holdOff.Remaining);
        _holdOff.Request("a", 1);
        Assert.True(_holdOff.IsDue);
        Assert.Equal(1, _holdOff.Taken());
        Assert.False(_holdOff.IsWaiting);

        _time.Advance(TimeSpan.FromSeconds(1));
        _holdOff.Request("a", 2);
        Assert.True(_holdOff.IsDue);
    }

    [Fact]
    public void Who_changes_again_and_again_waits_longer_each_time_up_to_a_bound()
    {
        var quiet = new List<double>();
        for (var change = 0; change < 7; change++)
        {
            _holdOff.Request("a", null);
            quiet.Add(_holdOff.Remaining!.Value.TotalMilliseconds);
            _time.Advance(_holdOff.Remaining.Value);
            Assert.True(_holdOff.IsDue);
            _holdOff.Taken();
        }

        Assert.Equal([0, 10, 20, 40, 80, 100, 100], quiet);
    }

    [Theory]
    [InlineData(2, 0, 0, 10)]
    [InlineData(15, 0, 0, 15)]
    [InlineData(15, 10, 100, 35)]
    [InlineData(15, 10, 2_000, 100)]
    public void Nobody_waits_longer_for_quiet_than_the_last_work_took(double compiling, double translating, int proxies, double quiet)
    {
        Serve("a", times: 6);
        Work(TimeSpan.FromMilliseconds(compiling));
        _holdOff.Followed(TimeSpan.FromMilliseconds(translating), proxies);
        _time.Advance(TimeSpan.FromMilliseconds(compiling));
        _holdOff.Request("a", null);
        Assert.Equal(TimeSpan.FromMilliseconds(quiet), _holdOff.Remaining);
    }

    [Fact]
    public void Who_never_falls_quiet_is_served_after_the_bound_all_the_same()
    {
        Serve("a", times: 6);
        _holdOff.Request("a", null);
        for (var waited = TimeSpan.Zero; waited < AtMost; waited += TimeSpan.FromMilliseconds(10))
        {
            Assert.False(_holdOff.IsDue);
            _time.Advance(TimeSpan.FromMilliseconds(10));
            _holdOff.Request("a", null);
        }

        Assert.True(_holdOff.IsDue);
    }

    [Fact]
    public void Who_never_falls_quiet_is_given_less_time_the_less_it_has_asked_for()
    {
        Serve("a", times: 1);
        _holdOff.Request("a", null);
        for (var waited = 0; waited < 50; waited += 5)
        {
            Assert.False(_holdOff.IsDue);
            _time.Advance(TimeSpan.FromMilliseconds(5));
            _holdOff.Request("a", null);
        }

        Assert.True(_holdOff.IsDue);
    }

    [Fact]
    public void A_namespace_that_changes_a_hundred_times_a_second_makes_no_other_wait()
    {
        for (var tick = 0; tick < 300; tick++)
        {
            _holdOff.Request("busy", null);
            if (_holdOff.IsDue)
            {
                _holdOff.Taken();
            }

            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        _holdOff.Request("busy", null);
        Assert.False(_holdOff.IsDue);
        _holdOff.Request("other", null);
        Assert.True(_holdOff.IsDue);
    }

    [Fact]
    public void The_work_takes_half_of_the_time_at_most_until_somebody_has_waited_for_the_bound()
    {
        Work(TimeSpan.FromMilliseconds(80));
        _holdOff.Request("other", null);
        Assert.Equal(TimeSpan.FromMilliseconds(80), _holdOff.Remaining);
        _time.Advance(TimeSpan.FromMilliseconds(80));
        Work(TimeSpan.FromSeconds(10));
        _holdOff.Request("other", null);
        Assert.Equal(AtMost, _holdOff.Remaining);
    }

    [Fact]
    public void The_first_of_the_changes_counts_as_the_time_they_were_noticed()
    {
        _holdOff.Request("a", 7);
        _holdOff.Request("b", 5);
        _holdOff.Request("c", null);
        Assert.Equal(5, _holdOff.Taken());
        Assert.Null(_holdOff.Taken());
    }

    private void Serve(string origin, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _holdOff.Request(origin, null);
            _holdOff.Taken();
        }
    }

    private void Work(TimeSpan cost)
    {
        _holdOff.Request("a", null);
        _holdOff.Taken();
        _time.Advance(cost);
        _holdOff.Done();
    }
}
