using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OsmExt.Xds.Server;
using OsmExt.Xds.Server.Connections;

namespace OsmExt.Xds.Tests.Server.Connections;

public sealed class PressureTests
{
    [Fact]
    public void What_this_process_has_is_read_from_the_system()
    {
        var clock = new FakeTimeProvider();
        var limits = new ProcessLimits(clock);
        Assert.InRange(limits.MemoryLoad, 0.0001, 0.9);
        var before = limits.FreeFileDescriptors;
        Assert.InRange(before, 64, int.MaxValue);
        var files = Enumerable.Range(0, 20).Select(_ => File.OpenRead("/proc/self/status")).ToArray();
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(before == int.MaxValue || limits.FreeFileDescriptors < before - 5);
        Array.ForEach(files, file => file.Dispose());
    }

    [Fact]
    public void What_runs_short_is_named_and_looked_at_again()
    {
        var clock = new FakeTimeProvider();
        var limits = new GivenLimits();
        using var pressure = new Pressure(Options.Create(new XdsServerOptions()), limits, clock);
        Assert.Null(pressure.Reason);
        limits.MemoryLoad = 0.95;
        clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal("memory", pressure.Reason);
        (limits.MemoryLoad, limits.FreeFileDescriptors) = (0.5, 10);
        clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal("files", pressure.Reason);
        limits.FreeFileDescriptors = 1_000;
        clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Null(pressure.Reason);
    }

    [Fact]
    public void A_crowd_between_two_looks_does_not_get_what_is_kept_in_reserve()
    {
        var clock = new FakeTimeProvider();
        var limits = new GivenLimits { FreeFileDescriptors = 74 };
        using var pressure = new Pressure(Options.Create(new XdsServerOptions { SpareFileDescriptors = 64 }), limits, clock);
        Assert.Equal(43, Enumerable.Range(0, 100).Count(_ => pressure.TryTakeDescriptor()));
        Assert.Equal("files", pressure.Reason);

        // Those that were sent away have given back what they had.
        clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Null(pressure.Reason);
        Assert.True(pressure.TryTakeDescriptor());
    }

    [Fact]
    public void A_pool_that_has_no_thread_for_a_timer_is_busy()
    {
        var clock = new BusyPool();
        using var pressure = new Pressure(Options.Create(new XdsServerOptions()), new GivenLimits(), clock);
        Assert.Null(pressure.Reason);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(pressure.Reason);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("waiting work", pressure.Reason);
        clock.Beat();
        Assert.Null(pressure.Reason);
    }

    // Time passes, and its timers run when they are let.
    private sealed class BusyPool : TimeProvider
    {
        private long _now;
        private Action? _timer;

        public override long GetTimestamp() => _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timer = () => callback(state);
            return new FakeTimeProvider().CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void Advance(TimeSpan time) => _now += time.Ticks;

        public void Beat() => _timer!();
    }
}

/// <summary>Limits that a test sets.</summary>
internal sealed class GivenLimits : IProcessLimits
{
    public double MemoryLoad { get; set; } = 0.1;

    public int FreeFileDescriptors { get; set; } = 1_000;
}
