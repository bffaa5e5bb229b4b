using System.Collections.Immutable;
using OsmExt.Envoy;

namespace OsmExt.Xds.Snapshots;

/// <summary>
/// Everything the proxies of one scope may have, immutable. A changed copy shares all that did not change, so it costs
/// the size of the change and not of the mesh.
/// </summary>
internal sealed class XdsSnapshot
{
    private static readonly ImmutableDictionary<string, ResourceSet> NoTypes
        = ImmutableDictionary.Create<string, ResourceSet>(StringComparer.Ordinal);

    private readonly ImmutableDictionary<string, ResourceSet> _types;

    private XdsSnapshot(long revision, ImmutableDictionary<string, ResourceSet> types)
    {
        Revision = revision;
        _types = types;
    }

    public static XdsSnapshot Empty { get; } = new(0, NoTypes);

    /// <summary>The input revision this snapshot reflects.</summary>
    public long Revision { get; }

    public IEnumerable<string> TypeUrls => _types.Keys.Order(StringComparer.Ordinal);

    public static XdsSnapshot Create(long revision, IEnumerable<XdsResource> resources)
        => Empty.With(revision, resources.Select(XdsChange.Set));

    public XdsSnapshot With(long revision, IEnumerable<XdsResource> changed, IEnumerable<(string TypeUrl, string Name)> removed)
        => With(revision, changed.Select(XdsChange.Set).Concat(removed.Select(static r => XdsChange.Remove(r.TypeUrl, r.Name))));

    /// <summary>Of several changes to one name the last counts.</summary>
    public XdsSnapshot With(long revision, IEnumerable<XdsChange> changes)
    {
        var types = _types;
        foreach (var group in changes.GroupBy(static c => c.TypeUrl, StringComparer.Ordinal))
        {
            var before = Of(group.Key);
            var builder = before.ToBuilder();
            foreach (var change in group)
            {
                if (change.Resource is null)
                {
                    builder.Remove(change.Name);
                }
                else
                {
                    builder[change.Name] = change.Resource;
                }
            }

            var after = builder.ToImmutable();
            types = ReferenceEquals(before, after) ? types : types.SetItem(group.Key, new ResourceSet(after));
        }

        return new(revision, types);
    }

    public ImmutableDictionary<string, XdsResource> Of(string typeUrl) => Set(typeUrl).ByName;

    public XdsResource? Find(string typeUrl, string name) => Of(typeUrl).GetValueOrDefault(name);

    public ImmutableArray<XdsResource> InOrder(string typeUrl) => Set(typeUrl).InOrder;

    /// <summary>What turns <paramref name="previous"/> into this snapshot, sorted by type and name.</summary>
    public IReadOnlyList<XdsChange> ChangesSince(XdsSnapshot previous)
        => [.. _types.Keys.Union(previous._types.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .SelectMany(type => Set(type).ChangesSince(previous.Set(type), type))];

    private ResourceSet Set(string typeUrl) => _types.GetValueOrDefault(typeUrl) ?? ResourceSet.Empty;
}
