using OsmExt.Xds.Snapshots;

namespace OsmExt.Xds.Protocol;

/// <summary>Bounds what a client can make us remember by saying names.</summary>
internal static class NameLimits
{
    public static RequestViolation Check(StreamContext limits, TypeSubscription changed, IEnumerable<TypeSubscription> all, XdsView? view)
    {
        // Names a wildcard finds are not the client's; beyond those it could go on dropping what it just asked for.
        var existing = view?.Count(changed.TypeUrl) ?? 0;
        if (changed.Interest.Names.Count > limits.MaxResourceNames || changed.RememberedNames > limits.MaxResourceNames + existing)
        {
            return RequestViolation.TooManyNames;
        }

        return all.Sum(static s => s.RememberedCharacters) > limits.MaxNameCharacters ? RequestViolation.TooLongNames : RequestViolation.None;
    }
}
