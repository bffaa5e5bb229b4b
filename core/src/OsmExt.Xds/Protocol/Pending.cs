namespace OsmExt.Xds.Protocol;

/// <summary>
/// What is to be sent for one type: names only, never contents. Whatever is newest when the response is built is sent, so
/// nothing queues up behind a slow client.
/// </summary>
internal sealed class Pending
{
    /// <summary>Names the client waits for; sent without regard to order, whatever it had.</summary>
    public HashSet<string> Asked { get; } = new(StringComparer.Ordinal);

    /// <summary>Names whose resource differs from what the client has.</summary>
    public HashSet<string> Updates { get; } = new(StringComparer.Ordinal);

    /// <summary>Names the client has and that are gone.</summary>
    public HashSet<string> Removals { get; } = new(StringComparer.Ordinal);

    /// <summary>Names to send again although the client has them; kept until it subscribes to them.</summary>
    public HashSet<string> Owed { get; } = new(StringComparer.Ordinal);

    /// <summary>The client asked for all there is.</summary>
    public bool Everything { get; set; }

    /// <summary>Something must be answered, if only with nothing.</summary>
    public bool AnswerDue { get; set; }

    public bool HasAnswer => AnswerDue || Everything || Asked.Count > 0;

    public bool IsEmpty => !HasAnswer && Updates.Count == 0 && Removals.Count == 0;

    public int Count => Asked.Count + Updates.Count + Removals.Count;

    /// <summary>The oldest input revision that waits here.</summary>
    public long Revision { get; private set; } = long.MaxValue;

    /// <summary>Timestamp since when there are updates; a later one does not make the first look younger.</summary>
    public long? UpdatesSince { get; private set; }

    public long? RemovalsSince { get; private set; }

    /// <summary>Something was added on behalf of an input revision.</summary>
    public void Note(long revision, long now)
    {
        Revision = Math.Min(Revision, revision);
        UpdatesSince = Updates.Count > 0 ? UpdatesSince ?? now : null;
        RemovalsSince = Removals.Count > 0 ? RemovalsSince ?? now : null;
    }

    public void Remove(string name)
    {
        Asked.Remove(name);
        Updates.Remove(name);
        Removals.Remove(name);
        Owed.Remove(name);
    }

    public void RemoveWhere(Predicate<string> condition)
    {
        Asked.RemoveWhere(condition);
        Updates.RemoveWhere(condition);
        Removals.RemoveWhere(condition);
        Owed.RemoveWhere(condition);
    }

    /// <summary>Something was taken out: counts anew, and gives back memory, where nothing is left.</summary>
    public void Settle()
    {
        if (Updates.Count == 0)
        {
            UpdatesSince = null;
            Updates.TrimExcess();
        }

        if (Removals.Count == 0)
        {
            RemovalsSince = null;
            Removals.TrimExcess();
        }

        if (IsEmpty)
        {
            Revision = long.MaxValue;
            Asked.TrimExcess();
        }
    }
}
