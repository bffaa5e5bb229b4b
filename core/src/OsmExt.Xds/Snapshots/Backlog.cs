namespace OsmExt.Xds.Snapshots;

/// <summary>How far a stream is behind: input revisions and the time of what has waited longest.</summary>
/// <param name="Unsent">The oldest revision of which something has not been written; <see cref="long.MaxValue"/> when all has been.</param>
/// <param name="Unanswered">The oldest revision of which something has not been answered, written or not; <see cref="long.MaxValue"/> when all has been.</param>
/// <param name="Since">Timestamp since when it has been so; null when nothing waits, or only for an answer to what was asked just now.</param>
internal readonly record struct Backlog(long Unsent, long Unanswered, long? Since)
{
    public static Backlog None { get; } = new(long.MaxValue, long.MaxValue, null);

    public bool IsEmpty => Unanswered == long.MaxValue;

    /// <summary>Whether something of this revision or an older one has still to be sent or answered.</summary>
    public bool Owes(long revision) => Unanswered <= revision;

    /// <summary>The longer wait of the two.</summary>
    public Backlog With(Backlog other) => new(
        Math.Min(Unsent, other.Unsent), Math.Min(Unanswered, other.Unanswered), Since is null || other.Since < Since ? other.Since ?? Since : Since);
}
