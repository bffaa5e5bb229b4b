using OsmExt.Envoy;

namespace OsmExt.Xds.Protocol;

/// <summary>What a client's answer to a response changes about what it has.</summary>
internal static class Verdict
{
    public static void Accept(TypeSubscription subscription, InFlight response)
    {
        foreach (var resource in response.Changed)
        {
            subscription.Holdings.Acknowledge(resource);
            subscription.Rejected.Taken(resource);
        }
    }

    /// <summary>
    /// Only what the message names is refused. What was in its company counts as taken if the response was everything the
    /// client shall have, and is sent again if it was a part, because the client may have dropped all of it.
    /// </summary>
    public static IReadOnlyList<Rejection> Refuse(TypeSubscription subscription, InFlight response, string error, DateTimeOffset now)
    {
        var (refused, innocent) = Blame(response.Changed, subscription.Rejected.Said(error, now), subscription.Holdings);
        var rejections = refused.ConvertAll(subscription.Rejected.Record);
        refused.ForEach(r => subscription.Holdings.Revert(r.Name));
        foreach (var resource in innocent)
        {
            if (subscription.IsPartial)
            {
                SendAgain(subscription, resource);
            }
            else
            {
                subscription.Holdings.Acknowledge(resource);
            }
        }

        return rejections;
    }

    // Without a name in the message any resource may be the culprit, except those the client took before.
    private static (List<XdsResource> Refused, List<XdsResource> Innocent) Blame(
        IReadOnlyList<XdsResource> changed, string message, Holdings holdings)
    {
        var named = changed.Where(r => RejectionMessage.Names(message, r.Name)).ToList();
        return named.Count > 0 ? (named, [.. changed.Except(named)]) : ([.. changed.Where(r => !IsAcked(r, holdings))], []);
    }

    private static void SendAgain(TypeSubscription subscription, XdsResource resource)
    {
        if (IsAcked(resource, subscription.Holdings))
        {
            subscription.Pending.Owed.Add(resource.Name);
        }
        else
        {
            subscription.Holdings.Revert(resource.Name);
        }
    }

    private static bool IsAcked(XdsResource resource, Holdings holdings)
        => string.Equals(holdings.Acked(resource.Name)?.Version, resource.Version, StringComparison.Ordinal);
}
