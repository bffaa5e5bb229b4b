namespace OsmExt.ControlPlane.Pipeline;

/// <summary>
/// Waits for a moment of quiet before work that is worth doing once for many changes, but never longer than a bound. Used by
/// one thread.
/// </summary>
internal sealed class HoldOff(TimeSpan quiet, TimeSpan atMost, TimeProvider time)
{
    private long? _first;
    private long _last;
    private long? _observedAt;
    private bool _immediately;

    public bool IsWaiting => _first is not null;

    /// <summary>How long until the work is due; null when there is none, zero when it is due.</summary>
    public TimeSpan? Remaining
    {
        get
        {
            if (_first is not { } first)
            {
                return null;
            }

            var untilQuiet = quiet - time.GetElapsedTime(_last);
            var untilBound = atMost - time.GetElapsedTime(first);
            var shorter = untilQuiet < untilBound ? untilQuiet : untilBound;
            return _immediately || shorter < TimeSpan.Zero ? TimeSpan.Zero : shorter;
        }
    }

    public bool IsDue => Remaining is { } remaining && remaining == TimeSpan.Zero;

    /// <param name="observedAt">When the change was noticed; the earliest is kept.</param>
    /// <param name="immediately">Do not wait for quiet.</param>
    public void Request(long? observedAt, bool immediately = false)
    {
        _last = time.GetTimestamp();
        _first ??= _last;
        _observedAt = (_observedAt, observedAt) switch
        {
            ({ } earlier, { } now) => Math.Min(earlier, now),
            var (earlier, now) => earlier ?? now,
        };
        _immediately |= immediately;
    }

    /// <summary>The work is being done. Returns when the first of its changes was noticed.</summary>
    public long? Taken()
    {
        var observedAt = _observedAt;
        (_first, _observedAt, _immediately) = (null, null, false);
        return observedAt;
    }
}
