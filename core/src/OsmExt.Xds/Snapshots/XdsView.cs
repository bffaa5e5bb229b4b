using System.Collections.Immutable;
using OsmExt.Envoy;

namespace OsmExt.Xds.Snapshots;

/// <summary>
/// What one stream may have: the snapshot its scope shares with replicas and, laid over it, the snapshot of its own
/// scope, which holds what no other proxy may see, such as its private key.
/// </summary>
internal sealed class XdsView(XdsSnapshot shared, XdsSnapshot? own = null)
{
    public long Revision { get; } = Math.Max(shared.Revision, own?.Revision ?? 0);

    public XdsResource? Find(string typeUrl, string name) => own?.Find(typeUrl, name) ?? shared.Find(typeUrl, name);

    /// <summary>How many resources of a type there are, at most.</summary>
    public int Count(string typeUrl) => shared.Of(typeUrl).Count + (own?.Of(typeUrl).Count ?? 0);

    /// <summary>All resources of a type, sorted by name.</summary>
    public IReadOnlyList<XdsResource> InOrder(string typeUrl)
    {
        var ofShared = shared.InOrder(typeUrl);
        var ofOwn = own?.InOrder(typeUrl) ?? ImmutableArray<XdsResource>.Empty;
        if (ofOwn.IsEmpty)
        {
            return ofShared;
        }

        var hidden = own!.Of(typeUrl);
        return [.. ofShared.Where(r => !hidden.ContainsKey(r.Name)).Concat(ofOwn).OrderBy(static r => r.Name, StringComparer.Ordinal)];
    }
}
