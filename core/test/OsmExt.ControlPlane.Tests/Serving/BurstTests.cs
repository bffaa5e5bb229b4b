using Microsoft.Extensions.Time.Testing;
using OsmExt.ControlPlane.Serving;

namespace OsmExt.ControlPlane.Tests.Serving;

public sealed class BurstTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Burst _burst;

    public BurstTests() => _burst = new(_time);

    [Fact]
    public void It_is_over_once_when_many_streams_have_come_and_none_comes_any_more()
    {
        Assert.False(IsOver(300));
        Assert.False(IsOver(2_000));
        Assert.True(IsOver(2_000));
        Assert.False(IsOver(2_000));
    }

    [Fact]
    public void Few_streams_are_none_however_long_they_take()
    {
        Assert.False(IsOver(Burst.Many - 1));
        Assert.False(IsOver(Burst.Many - 1));
        Assert.False(IsOver(Burst.Many));
        Assert.True(IsOver(Burst.Many));
    }

    [Fact]
    public void Another_one_waits_until_some_time_after_the_last()
    {
        IsOver(1_000);
        Assert.True(IsOver(1_000));

        Assert.False(IsOver(2_000));
        Assert.False(IsOver(2_000));
        _time.Advance(Burst.Rest);
        Assert.True(IsOver(2_000));
    }

    private bool IsOver(long opened)
    {
        _time.Advance(Burst.Quiet);
        return _burst.IsOver(opened);
    }
}
