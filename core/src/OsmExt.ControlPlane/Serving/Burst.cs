namespace OsmExt.ControlPlane.Serving;

/// <summary>Tells when many streams have come and none comes any more. Asked again and again, each <see cref="Quiet"/>.</summary>
internal sealed class Burst(TimeProvider time)
{
    /// <summary>Fewer are none.</summary>
    public const int Many = 200;

    /// <summary>For how long no stream may have come.</summary>
    public static TimeSpan Quiet { get; } = TimeSpan.FromSeconds(5);

    /// <summary>For how long after one was over another does not count, and waits.</summary>
    public static TimeSpan Rest { get; } = TimeSpan.FromMinutes(2);

    private long _before;
    private long _seen;
    private long? _overAt;

    /// <summary>Whether one has come to its end; said once.</summary>
    /// <param name="opened">How many streams there have been, whether or not they still are.</param>
    public bool IsOver(long opened)
    {
        var isQuiet = opened == _seen;
        _seen = opened;
        if (!isQuiet || opened - _before < Many || (_overAt is { } at && time.GetElapsedTime(at) < Rest))
        {
            return false;
        }

        (_before, _overAt) = (opened, time.GetTimestamp());
        return true;
    }
}
