namespace OsmExt.PluginHost.Services;

/// <summary>Lets so many lines through each second, and counts the others.</summary>
internal sealed class LineLimit(TimeProvider time)
{
    private const int PerSecond = 20;
    private readonly Lock _gate = new();
    private long _second = time.GetTimestamp();
    private int _taken;
    private long _lost;

    /// <param name="lost">How many were left out since the last one that was let through.</param>
    public bool Takes(out long lost)
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_second) >= TimeSpan.FromSeconds(1))
            {
                (_second, _taken) = (time.GetTimestamp(), 0);
            }

            var takes = _taken < PerSecond;
            (_taken, lost) = takes ? (_taken + 1, _lost) : (_taken, 0);
            _lost = takes ? 0 : _lost + 1;
            return takes;
        }
    }
}
