using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>
/// Takes one kind's objects into the table. An object that has not changed is not even decoded, so that a list after an outage costs little. One that cannot be used any more
/// stays in force as it was, as it does when it is read from files.
/// </summary>
internal sealed class TableSink(ClusterTable table, ObjectDecoder decoder, Func<ResourceKey, bool> isMeant, Action arrived) : IReflectorSink
{
    private const int FewObjects = 10;

    private Dictionary<ResourceKey, TableEntry>? _listed;

    public void Begin() => _listed = [];

    public void Listed(ApiObject found) => _listed![decoder.KeyOf(found)] = Entry(found);

    public Doubt? End(bool isSure)
    {
        var listed = _listed!;
        _listed = null;
        var gone = table.Except(isMeant, [.. listed.Keys]);
        var known = gone.Count + listed.Keys.Count(key => table.Find(key) is not null);
        var isDoubted = !isSure && IsMuch(gone.Count, known, listed.Count);
        table.Apply(listed.Select(entry => (entry.Key, entry.Value)), isDoubted ? [] : gone);
        arrived();
        return isDoubted ? new(gone.Count, known) : null;
    }

    /// <summary>How many objects of the kind there are.</summary>
    public int Count => table.Except(isMeant, []).Count;

    public void Changed(ApiObject changed) => table.Apply([(decoder.KeyOf(changed), Entry(changed))], []);

    public void Deleted(ApiObject deleted)
    {
        if (_listed is { } listed)
        {
            listed.Remove(decoder.KeyOf(deleted));
        }
        else
        {
            table.Apply([], [decoder.KeyOf(deleted)]);
        }
    }

    /// <summary>The kind is not there at all.</summary>
    public void Clear()
    {
        Begin();
        End(isSure: true);
    }

    // All of them, or most of many, do not go between two looks; a server that has lost its memory says so all the same.
    private static bool IsMuch(int gone, int known, int listed) => gone > 0 && (listed == 0 || gone > Math.Max(FewObjects, known / 2));

    private TableEntry Entry(ApiObject found)
    {
        var before = table.Find(decoder.KeyOf(found));
        var isSame = before is not null && before.Uid == found.Uid;
        if (isSame && before!.Version == found.ResourceVersion && ReferenceEquals(before.Decoder, decoder))
        {
            return before;
        }

        var (resource, findings) = decoder.Read(found);
        if (resource is null && isSame && before!.Resource is { } lastGood)
        {
            return new(lastGood, [.. findings, new(DiagnosticCodes.LastGoodKept, Severity.Warning, lastGood.Key, "",
                "Its last good version stays in force: what it says now cannot be used", "Mend what is reported there, or delete the object")], found.Uid, found.ResourceVersion, decoder);
        }

        // Equal content is one value, so that nobody keeps two and whoever compares is done at once.
        var kept = before?.Resource is { } known && known.Equals(resource) ? known : resource;
        return new(kept, findings, kept?.Metadata.Uid == found.Uid ? kept.Metadata.Uid : found.Uid, found.ResourceVersion, decoder);
    }
}
