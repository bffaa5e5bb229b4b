namespace OsmExt.Xds.Snapshots;

/// <summary>How far a revision has come: to every stream that it was for, or to those that did not take too long.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="Elapsed">Since the revision was first published.</param>
/// <param name="Streams">How many streams had something to send or to answer.</param>
internal sealed record Converged(long Revision, TimeSpan Elapsed, int Streams)
{
    /// <summary>From its publication until it was written to the last of them; null when there is one to which it was not.</summary>
    public TimeSpan? Sent { get; init; }

    /// <summary>The proxy that answered last; null when there was none.</summary>
    public string? Last { get; init; }

    /// <summary>How many streams have not answered.</summary>
    public int Open { get; init; }

    /// <summary>The proxies of some of those, by name.</summary>
    public IReadOnlyList<string> Unanswered { get; init; } = [];
}
