using OsmExt.Xds.Observability;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Xds.Protocol;

/// <summary>What a subscription says of each resource that its client has, asks for, is due or refused.</summary>
internal static class SubscriptionStatus
{
    public static IEnumerable<ResourceStatus> Of(TypeSubscription type, XdsView? view)
        => type.Holdings.Names.Union(type.Interest.Names).Union(type.Pending.Updates).Union(type.Pending.Asked).Union(type.Rejected.All.Select(static r => r.Name))
            .Order(StringComparer.Ordinal)
            .Select(name => Of(type, name, view));

    private static ResourceStatus Of(TypeSubscription type, string name, XdsView? view)
    {
        var newest = view?.Find(type.TypeUrl, name);
        var acknowledged = type.Holdings.Acked(name);
        var rejection = newest is not null && type.Rejected.Contains(newest) ? type.Rejected.All.First(r => string.Equals(r.Name, name, StringComparison.Ordinal)) : null;
        return new(type.TypeUrl, name, StateOf(newest?.Version, type.Holdings.Sent(name)?.Version, acknowledged?.Version, rejection is not null))
        {
            Acknowledged = acknowledged?.Version,
            Newest = newest,
            Rejection = rejection,
        };
    }

    // What is gone has version null here, as has what the client does not have: the two agree.
    private static ResourceState StateOf(string? newest, string? sent, string? acknowledged, bool isRejected)
    {
        if (isRejected)
        {
            return ResourceState.Error;
        }

        if (newest is null || !string.Equals(newest, sent, StringComparison.Ordinal))
        {
            return ResourceState.NotSent;
        }

        return string.Equals(newest, acknowledged, StringComparison.Ordinal) ? ResourceState.Synced : ResourceState.Stale;
    }
}
