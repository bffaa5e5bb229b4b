using System.Collections.Immutable;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Sdk.Resources;

/// <summary>
/// An immutable, numbered view of every object the mesh reads. A new one is made from an old one by applying changes; whoever
/// holds one sees one consistent state for as long as it likes.
/// </summary>
public sealed class ResourceSnapshot
{
    private readonly ImmutableDictionary<Type, ImmutableSortedDictionary<ResourceKey, Resource>> _tables;
    private readonly ImmutableDictionary<ResourceKey, SourceLocation> _locations;

    private ResourceSnapshot(
        long revision,
        ImmutableDictionary<Type, ImmutableSortedDictionary<ResourceKey, Resource>> tables,
        ImmutableDictionary<ResourceKey, SourceLocation> locations,
        EquatableArray<Diagnostic> diagnostics)
    {
        Revision = revision;
        _tables = tables;
        _locations = locations;
        Diagnostics = diagnostics;
    }

    /// <summary>No objects, revision 0.</summary>
    public static ResourceSnapshot Empty { get; } = new(0,
        ImmutableDictionary<Type, ImmutableSortedDictionary<ResourceKey, Resource>>.Empty,
        ImmutableDictionary<ResourceKey, SourceLocation>.Empty, []);

    /// <summary>Counts the batches applied.</summary>
    public long Revision { get; }

    /// <summary>How many objects there are.</summary>
    public int Count => _tables.Values.Sum(table => table.Count);

    /// <summary>What the sources found wrong.</summary>
    public EquatableArray<Diagnostic> Diagnostics { get; }

    /// <summary>A snapshot of the given objects, at revision 1; of two with one key the last wins.</summary>
    public static ResourceSnapshot Of(IEnumerable<Resource> resources)
    {
        ArgumentNullException.ThrowIfNull(resources);
        return Empty.Apply(new([.. resources.Select(resource => new ResourceChange(resource.Key, resource))], [], true, 0), out _);
    }

    /// <summary>All objects of a type, sorted by namespace, name and kind.</summary>
    public IEnumerable<T> All<T>()
        where T : Resource
        => _tables.TryGetValue(typeof(T), out var table) ? table.Values.Cast<T>() : [];

    /// <summary>All objects of all kinds, sorted by key.</summary>
    public IEnumerable<Resource> AllObjects() => _tables.Values.SelectMany(table => table.Values).OrderBy(resource => resource.Key);

    /// <summary>The object with that key, or null.</summary>
    public T? Find<T>(ResourceKey key)
        where T : Resource
        => _tables.TryGetValue(typeof(T), out var table) && table.TryGetValue(key, out var found) ? (T)found : null;

    /// <summary>The object with that key, of whichever type, or null.</summary>
    public Resource? Find(ResourceKey key)
    {
        foreach (var table in _tables.Values)
        {
            if (table.TryGetValue(key, out var found))
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>Where the object was read, or null.</summary>
    public SourceLocation? LocationOf(ResourceKey key) => _locations.GetValueOrDefault(key);

    /// <summary>
    /// The snapshot after a batch. <paramref name="changed"/> is what really differs: a change to equal content is none.
    /// </summary>
    public ResourceSnapshot Apply(ResourceBatch batch, out ImmutableArray<ResourceDifference> changed)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var tables = _tables;
        var locations = _locations.ToBuilder();
        var differences = ImmutableArray.CreateBuilder<ResourceDifference>();
        foreach (var change in batch.Changes)
        {
            var before = tables.Values.Select(table => table.GetValueOrDefault(change.Key)).FirstOrDefault(found => found is not null);
            if (change.Location is { } location && change.Resource is not null)
            {
                locations[change.Key] = location;
            }
            else
            {
                locations.Remove(change.Key);
            }

            if (Equals(before, change.Resource))
            {
                continue;
            }

            tables = Replace(tables, change.Key, before, change.Resource);
            differences.Add(new(change.Key, before, change.Resource));
        }

        changed = differences.ToImmutable();
        return new(Revision + 1, tables, locations.ToImmutable(), batch.Diagnostics);
    }

    private static ImmutableDictionary<Type, ImmutableSortedDictionary<ResourceKey, Resource>> Replace(
        ImmutableDictionary<Type, ImmutableSortedDictionary<ResourceKey, Resource>> tables, ResourceKey key, Resource? before, Resource? after)
    {
        if (before is not null && before.GetType() != after?.GetType())
        {
            tables = tables.SetItem(before.GetType(), tables[before.GetType()].Remove(key));
        }

        if (after is null)
        {
            return tables;
        }

        var table = tables.GetValueOrDefault(after.GetType(), ImmutableSortedDictionary<ResourceKey, Resource>.Empty);
        return tables.SetItem(after.GetType(), table.SetItem(key, after));
    }
}

/// <summary>What a batch really changed about one object.</summary>
/// <param name="Key">Which one.</param>
/// <param name="Before">Its content before; null when it is new.</param>
/// <param name="After">Its content now; null when it is gone.</param>
public sealed record ResourceDifference(ResourceKey Key, Resource? Before, Resource? After);
