namespace OsmExt.Xds.Server;

/// <summary>
/// Slows down a client that never stops asking. A large request counts as several, so that names said and taken back in turn cost no
/// more than small requests do. Not thread-safe; a stream has one reader.
/// </summary>
internal sealed class RequestBudget(int perSecond, int burst, TimeProvider clock)
{
    // About a thousand names. An Envoy that repeats five thousand in each answer is still heard many times a second.
    private const int BytesOfOne = 64 * 1024;

    private double _left = burst;
    private long _at = clock.GetTimestamp();

    /// <summary>Takes a request of that size and returns how long to wait before handling it.</summary>
    public TimeSpan Take(int bytes)
    {
        var now = clock.GetTimestamp();
        _left = Math.Min(burst, _left + (clock.GetElapsedTime(_at, now).TotalSeconds * perSecond)) - 1 - (bytes / BytesOfOne);
        _at = now;
        return _left >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_left / perSecond);
    }
}
