namespace OsmExt.Xds.Snapshots;

/// <summary>Every stream has answered everything up to a revision.</summary>
/// <param name="Elapsed">Since the revision was first published.</param>
/// <param name="Streams">How many streams had something to send or to answer when the wait began.</param>
internal sealed record Converged(long Revision, TimeSpan Elapsed, int Streams);
