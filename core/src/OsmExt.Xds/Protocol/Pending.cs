using OsmExt.Xds.Snapshots;

namespace OsmExt.Xds.Protocol;

/// <summary>
/// What is to be sent for one type: names only, never contents. Whatever is newest when the response is built is sent, so
/// nothing queues up behind a slow client.
/// </summary>
internal sealed class Pending
{
    private long _demandRevision = long.MaxValue;

    /// <summary>Names the client waits for; sent without regard to order, whatever it had.</summary>
    public WaitingNames Asked { get; } = new();

    /// <summary>Names whose resource differs from what the client has.</summary>
    public WaitingNames Updates { get; } = new();

    /// <summary>Names the client has and that are gone.</summary>
    public WaitingNames Removals { get; } = new();

    /// <summary>Names to send again although the client has them; kept until it subscribes to them.</summary>
    public NameSet Owed { get; } = [];

    /// <summary>The client asked for all there is.</summary>
    public bool Everything { get; private set; }

    /// <summary>Something must be answered, if only with nothing.</summary>
    public bool AnswerDue { get; private set; }

    public bool HasAnswer => AnswerDue || Everything || Asked.Count > 0;

    public bool IsEmpty => !HasAnswer && Updates.Count == 0 && Removals.Count == 0;

    public int Count => Asked.Count + Updates.Count + Removals.Count;

    /// <summary>The oldest input revision that waits here; <see cref="long.MaxValue"/> if nothing waits.</summary>
    public long Revision => Math.Min(Math.Min(_demandRevision, Asked.Revision), Math.Min(Updates.Revision, Removals.Revision));

    /// <summary>What has waited longest of all that waits here.</summary>
    public Backlog Oldest => new(Revision, Revision, Earlier(Asked.Since, Earlier(Updates.Since, Removals.Since)));

    public void Demand(bool answer, bool everything, long revision)
    {
        AnswerDue |= answer;
        Everything |= everything;
        _demandRevision = answer || everything ? Math.Min(_demandRevision, revision) : _demandRevision;
    }

    /// <summary>The demand is met, or turned into names.</summary>
    public void Meet()
    {
        AnswerDue = Everything = false;
        _demandRevision = long.MaxValue;
    }

    /// <summary>The client no longer wants everything.</summary>
    public void DropWildcard(Predicate<string> isUncovered)
    {
        Everything = false;
        _demandRevision = AnswerDue ? _demandRevision : long.MaxValue;
        Asked.RemoveWhere(isUncovered);
        Updates.RemoveWhere(isUncovered);
        Removals.RemoveWhere(isUncovered);
        Owed.RemoveWhere(isUncovered);
    }

    public void Remove(string name)
    {
        Asked.Remove(name);
        Updates.Remove(name);
        Removals.Remove(name);
        Owed.Remove(name);
    }

    private static long? Earlier(long? a, long? b) => a is null || b < a ? b ?? a : a;
}
