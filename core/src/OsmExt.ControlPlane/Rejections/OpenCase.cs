using System.Collections.Immutable;
using OsmExt.Compiler.Contributions;
using OsmExt.Envoy;
using OsmExt.Sdk.Collections;
using OsmExt.Xds.Observability;
using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Rejections;

/// <summary>A refusal that is being looked into.</summary>
/// <param name="Refused">What was refused.</param>
/// <param name="Search">How far it has come.</param>
/// <param name="AreNew">Whether all proxies of this build would refuse it.</param>
internal sealed record OpenCase(RefusedResources Refused, BlameSearch Search, bool AreNew)
{
    /// <summary>What stands in the quarantine because of it.</summary>
    /// <param name="items">Who is, or may be, to blame.</param>
    /// <param name="isTrial">Whether that is still to be seen.</param>
    public IEnumerable<QuarantineEntry> Entries(ImmutableArray<PlacedContribution> items, bool isTrial)
    {
        // What may be left out is known one by one, anything else only together.
        IEnumerable<EquatableArray<string>> groups = items.Any(Search.Closed.Contains)
            ? [items.Select(item => item.Content).ToEquatableArray()]
            : items.Select(item => (EquatableArray<string>)[item.Content]);
        return groups.Select(contents => new QuarantineEntry(contents, Refused.Live.Scope.Capabilities, Refused.Refusal)
        {
            Scope = AreNew && !isTrial ? null : Refused.Live.Scope,
            IsTrial = isTrial,
        });
    }

    /// <summary>Whether what was left out was not enough; null when nobody has answered.</summary>
    /// <param name="refused">What is refused now.</param>
    /// <param name="held">What proxies of the scope have of these resources.</param>
    /// <param name="cache">What there is.</param>
    public bool? AnswerAmong(IEnumerable<RefusedResources> refused, ILookup<string, XdsHolding> held, SnapshotCache cache)
    {
        var names = Refused.Resources.Select(resource => resource.Name).ToHashSet(StringComparer.Ordinal);
        if (refused.Any(entry => ReferenceEquals(entry.Live, Refused.Live) && string.Equals(entry.TypeUrl, Refused.TypeUrl, StringComparison.Ordinal)
            && entry.Resources.Any(resource => names.Contains(resource.Name))))
        {
            return true;
        }

        // A resource that was a contribution as a whole is gone, and what it referred to nobody asks for.
        var current = names.Select(name => cache.Get(Refused.Live.Scope)?.Find(Refused.TypeUrl, name)).OfType<XdsResource>();
        return current.All(resource => !held[resource.Name].Any() || held[resource.Name].Any(holding => resource.Equals(holding.Acknowledged))) ? false : null;
    }
}
