namespace OsmExt.Kubernetes.Sources;

/// <summary>Waits until nothing was written for a while, but not for ever.</summary>
internal sealed class QuietPeriod(DirectorySourceOptions options, TimeProvider time)
{
    private long _last;

    /// <summary>When the first sign of the pending change was noticed; null when none is pending.</summary>
    public long? Since { get; private set; }

    public void Sign(long noticed)
    {
        Since ??= noticed;
        _last = Math.Max(_last, noticed);
    }

    public void Close() => Since = null;

    /// <summary>How long to wait; zero when it is time, null when nothing is pending.</summary>
    public TimeSpan? Remaining(long now)
    {
        if (Since is not { } since)
        {
            return null;
        }

        var remaining = options.Quiet - time.GetElapsedTime(_last, now);
        return Max(TimeSpan.Zero, Min(remaining, options.MaxQuiet - time.GetElapsedTime(since, now)));
    }

    /// <summary>Whether patience has run out.</summary>
    public bool IsOverdue(long now) => Since is { } since && time.GetElapsedTime(since, now) >= options.MaxQuiet;

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
