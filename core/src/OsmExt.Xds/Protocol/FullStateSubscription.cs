using OsmExt.Envoy;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Xds.Protocol;

/// <summary>
/// Listeners and clusters in the state-of-the-world variant: each response holds everything the client shall have. What
/// is left out of it is removed, so what is gone stays in until its time to be removed has come, and what was refused is
/// represented by the version the client took last. Where that is not known, because it was on another stream, what was refused
/// is offered again: to be refused again does no harm, to be left out would take away the last good version.
/// </summary>
internal sealed class FullStateSubscription(string typeUrl, StreamContext context) : TypeSubscription(typeUrl, context)
{
    private bool _hasSent;

    public override bool IsPartial => false;

    public override XdsResponse? Answer(XdsView view) => InFlight is null && Pending.HasAnswer ? SendAll(view, keepRemoved: true, since: null) : null;

    public override XdsResponse? Update(XdsView view)
        => InFlight is null && Pending.Updates.Count > 0 ? SendAll(view, keepRemoved: true, Pending.Updates.Since) : null;

    public override XdsResponse? Removal(XdsView view)
        => InFlight is null && Pending.Removals.Count > 0 ? SendAll(view, keepRemoved: false, Pending.Removals.Since) : null;

    private XdsResponse SendAll(XdsView view, bool keepRemoved, long? since)
    {
        var offered = Interest.Wildcard ? view.InOrder(TypeUrl) : [.. Interest.Names.Select(name => view.Find(TypeUrl, name)).OfType<XdsResource>()];
        foreach (var resource in HasHistory && !_hasSent ? offered : [])
        {
            Holdings.SetKept(resource.Name, "");
        }

        _hasSent = true;
        var all = offered.Select(InPlaceOf).OfType<XdsResource>().ToList();
        var changed = all.Where(r => !string.Equals(Holdings.SentVersion(r.Name), r.Version, StringComparison.Ordinal)).ToList();
        if (keepRemoved)
        {
            all.AddRange(Pending.Removals.Select(Holdings.Sent).OfType<XdsResource>());
        }

        var waited = Pending.Oldest;
        Pending.Meet();
        Pending.Asked.Clear();
        all.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        var left = all.Select(static r => r.Name).ToHashSet(StringComparer.Ordinal);
        return Send(all, changed, [.. Holdings.Names.Union(Pending.Removals).Where(name => !left.Contains(name))], waited, view) with { Removed = [], ChangedAt = since };
    }

    private XdsResource? InPlaceOf(XdsResource resource)
        => !Rejected.Contains(resource) || Holdings.IsUnknown(resource.Name) ? resource : Holdings.Acked(resource.Name);
}
