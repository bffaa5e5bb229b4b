using OsmExt.Sdk.Ir;

namespace OsmExt.Identity.Roots;

/// <summary>
/// How a trust domain is given up. Unlike a root, which only counts when a connection is opened, it counts for every request on
/// it; so connections opened in that domain have to end first.
/// </summary>
internal static class DomainSteps
{
    public static IEnumerable<RootDecision> DueToForget(RootState state, RootIntent wanted, ProxyEvidence[] here)
    {
        var domains = state.Domains;
        var unwanted = domains.Accepted.Except(wanted.TrustDomains, StringComparer.Ordinal).Where(domain => domain != domains.Issuing).ToArray();
        if (unwanted.Length > 0 && domains.ConnectionsAfter != domains.Changes)
        {
            // Not before every proxy has its certificate: what it opens anew shall be opened with that.
            var next = state with { Domains = domains with { ConnectionsAfter = domains.Changes } };
            yield return RootSteps.Decide(RootStep.Reconnect, domains.Issuing, next, here.Where(proxy => !proxy.PresentsOnlyIn(domains.Issuing)));
            yield break;
        }

        foreach (var domain in unwanted)
        {
            var next = state with { Domains = domains with { Accepted = RootSteps.Without(domains.Accepted, domain) } };
            yield return RootSteps.Decide(RootStep.Drop, domain, next,
                here.Where(proxy => !proxy.PresentsOnlyIn(domains.Issuing) || !proxy.ConnectsOnlyAfter(domains.Changes)));
        }
    }
}
