using System.Diagnostics;

namespace OsmExt.Testing.Hosting;

/// <summary>
/// A mesh's clock. It runs beside the real one and can be put forward, or it stands but for that. What is due then happens at once.
/// </summary>
/// <param name="stands">Whether time passes only when somebody says so.</param>
internal sealed class MeshClock(bool stands) : TimeProvider, IDisposable
{
    private static readonly TimeSpan Never = Timeout.InfiniteTimeSpan;
    private readonly Lock _gate = new();
    private readonly HashSet<Alarm> _alarms = [];
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly long _began = Stopwatch.GetTimestamp();
    private long _ahead;
    private bool _disposed;

    private bool Stands => stands;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    private long Ticks => Interlocked.Read(ref _ahead) + (stands ? 0 : Stopwatch.GetElapsedTime(_began).Ticks);

    public override long GetTimestamp() => Ticks;

    public override DateTimeOffset GetUtcNow() => _start.AddTicks(Ticks);

    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        lock (_gate)
        {
            Interlocked.Add(ref _ahead, by.Ticks);
            foreach (var alarm in _alarms)
            {
                alarm.Set();
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, callback, state);
        lock (_gate)
        {
            _alarms.Add(alarm);
        }

        alarm.Change(dueTime, period);
        return alarm;
    }

    /// <summary>Nothing is due any more.</summary>
    public void Dispose()
    {
        Alarm[] alarms;
        lock (_gate)
        {
            _disposed = true;
            alarms = [.. _alarms];
        }

        foreach (var alarm in alarms)
        {
            alarm.Dispose();
        }
    }

    private sealed class Alarm : ITimer
    {
        private readonly MeshClock _clock;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _real;
        private long? _due;
        private TimeSpan _period;

        public Alarm(MeshClock clock, TimerCallback callback, object? state)
        {
            (_clock, _callback, _state) = (clock, callback, state);
            _real = System.CreateTimer(static alarm => ((Alarm)alarm!).Ring(), this, Never, Never);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_clock._gate)
            {
                (_due, _period) = (dueTime == Never || _clock._disposed ? null : _clock.Ticks + dueTime.Ticks, period);
                return Set();
            }
        }

        /// <summary>Sets the real timer by the clock; under its lock.</summary>
        public bool Set()
        {
            var left = _due is { } due ? TimeSpan.FromTicks(due - _clock.Ticks) : Never;
            // Real timers count whole milliseconds, and must not be early.
            return _real.Change(left == Never ? Never : left <= TimeSpan.Zero ? TimeSpan.Zero : _clock.Stands ? Never : Later(left), Never);
        }

        public void Dispose()
        {
            lock (_clock._gate)
            {
                _clock._alarms.Remove(this);
                _due = null;
            }

            _real.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private static TimeSpan Later(TimeSpan left)
            => TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(left.TotalMilliseconds), int.MaxValue));

        private void Ring()
        {
            lock (_clock._gate)
            {
                if (_due is not { } due)
                {
                    return;
                }

                if (due > _clock.Ticks)
                {
                    Set();
                    return;
                }

                _due = _period == Never || _period == TimeSpan.Zero ? null : _clock.Ticks + _period.Ticks;
                Set();
            }

            _callback(_state);
        }
    }
}
