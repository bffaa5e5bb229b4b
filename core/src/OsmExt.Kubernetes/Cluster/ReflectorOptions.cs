namespace OsmExt.Kubernetes.Cluster;

/// <summary>How patient reflectors are.</summary>
internal sealed record ReflectorOptions
{
    /// <summary>A watch is asked to end after this long, up to twice as long.</summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A watch that goes on for this much longer than asked is taken for dead.</summary>
    public TimeSpan WatchGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A streaming list from which nothing comes for this long is given up.</summary>
    public TimeSpan ListSilence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The first wait after a failure; then twice as long each time.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest wait after a failure.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A watch that lasted this long was no failure.</summary>
    public TimeSpan Healthy { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Objects on a page of a list.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Whether to ask for streaming lists at all; servers without them are noticed.</summary>
    public bool Streams { get; init; } = true;

    /// <summary>A list in which much is missing that was there is asked for again after this long.</summary>
    public TimeSpan DoubtPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>So many lists, one after the other, have to say the same before it is believed.</summary>
    public int DoubtedLists { get; init; } = 3;

    /// <summary>How many kinds are listed at the same time.</summary>
    public int ListsAtOnce { get; init; } = 4;
}
