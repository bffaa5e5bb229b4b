namespace OsmExt.Xds.Server;

/// <summary>Slows down a client that never stops asking. Not thread-safe; a stream has one reader.</summary>
internal sealed class RequestBudget(int perSecond, int burst, TimeProvider clock)
{
    private double _left = burst;
    private long _at = clock.GetTimestamp();

    /// <summary>Takes one request and returns how long to wait before handling it.</summary>
    public TimeSpan Take()
    {
        var now = clock.GetTimestamp();
        _left = Math.Min(burst, _left + (clock.GetElapsedTime(_at, now).TotalSeconds * perSecond)) - 1;
        _at = now;
        return _left >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_left / perSecond);
    }
}
