using System.Collections.Immutable;
using OsmExt.Envoy;

namespace OsmExt.Xds.Snapshots;

/// <summary>The resources of one type. Sorting is put off until a stream needs all of them, then shared by all streams.</summary>
internal sealed class ResourceSet(ImmutableDictionary<string, XdsResource> byName)
{
    private static readonly ImmutableDictionary<string, XdsResource> NoResources
        = ImmutableDictionary.Create<string, XdsResource>(StringComparer.Ordinal);

    private ImmutableArray<XdsResource> _inOrder;

    public static ResourceSet Empty { get; } = new(NoResources);

    public ImmutableDictionary<string, XdsResource> ByName { get; } = byName;

    /// <summary>Sorted by name.</summary>
    public ImmutableArray<XdsResource> InOrder
    {
        get
        {
            if (_inOrder.IsDefault)
            {
                ImmutableInterlocked.InterlockedInitialize(ref _inOrder, [.. ByName.Values.OrderBy(static r => r.Name, StringComparer.Ordinal)]);
            }

            return _inOrder;
        }
    }

    /// <summary>What turns <paramref name="previous"/> into this set, sorted by name.</summary>
    public IEnumerable<XdsChange> ChangesSince(ResourceSet previous, string typeUrl)
    {
        if (ReferenceEquals(ByName, previous.ByName))
        {
            return [];
        }

        var changes = new List<XdsChange>();
        foreach (var (name, resource) in ByName)
        {
            if (!previous.ByName.TryGetValue(name, out var before) || !before.Equals(resource))
            {
                changes.Add(XdsChange.Set(resource));
            }
        }

        changes.AddRange(previous.ByName.Keys.Where(name => !ByName.ContainsKey(name)).Select(name => XdsChange.Remove(typeUrl, name)));
        changes.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return changes;
    }
}
