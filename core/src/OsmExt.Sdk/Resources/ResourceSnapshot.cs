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
    private static readonly ImmutableSortedDictionary<string, ImmutableSortedDictionary<ResourceKey, Resource>> NoNamespaces
        = ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<ResourceKey, Resource>>(StringComparer.Ordinal);

    // By type and namespace, so that a namespace of which nothing changed is known at a glance.
    private readonly ImmutableDictionary<Type, ImmutableSortedDictionary<string, ImmutableSortedDictionary<ResourceKey, Resource>>> _tables;
    private readonly ImmutableDictionary<ResourceKey, SourceLocation> _locations;

    private ResourceSnapshot(
        long revision,
        ImmutableDictionary<Type, ImmutableSortedDictionary<string, ImmutableSortedDictionary<ResourceKey, Resource>>> tables,
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
        ImmutableDictionary<Type, ImmutableSortedDictionary<string, ImmutableSortedDictionary<ResourceKey, Resource>>>.Empty,
        ImmutableDictionary<ResourceKey, SourceLocation>.Empty, []);

    /// <summary>Counts the batches applied.</summary>
    public long Revision { get; }

    /// <summary>How many objects there are.</summary>
    public int Count => _tables.Values.Sum(namespaces => namespaces.Values.Sum(table => table.Count));

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
        => NamespacesOf(typeof(T)).Values.SelectMany(table => table.Values).Cast<T>();

    /// <summary>The namespaces with objects of a type, in order; that of cluster-wide kinds is empty.</summary>
    public IEnumerable<string> NamespacesWith<T>()
        where T : Resource
        => NamespacesOf(typeof(T)).Keys;

    /// <summary>
    /// The objects of a type in a namespace, sorted by name and kind. Snapshots share it while none of these objects changes, so comparing references tells whether any may have.
    /// </summary>
    public ImmutableSortedDictionary<ResourceKey, Resource> In<T>(string ns)
        where T : Resource
        => NamespacesOf(typeof(T)).GetValueOrDefault(ns, ImmutableSortedDictionary<ResourceKey, Resource>.Empty);

    /// <summary>All objects of all kinds, sorted by key.</summary>
    public IEnumerable<Resource> AllObjects() => _tables.Values.SelectMany(namespaces => namespaces.Values).SelectMany(table => table.Values).OrderBy(resource => resource.Key);

    /// <summary>The object with that key, or null.</summary>
    public T? Find<T>(ResourceKey key)
        where T : Resource
        => NamespacesOf(typeof(T)).TryGetValue(key.Namespace, out var table) && table.TryGetValue(key, out var found) ? (T)found : null;

    /// <summary>The object with that key, of whichever type, or null.</summary>
    public Resource? Find(ResourceKey key)
        => Find(_tables, key);

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
            var before = Find(tables, change.Key);
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

    private ImmutableSortedDictionary<string, ImmutableSortedDictionary<ResourceKey, Resource>> NamespacesOf(Type type) => _tables.GetValueOrDefault(type, NoNamespaces);

    private static Resource? Find(ImmutableDictionary<Type, ImmutableSortedDictionary<string, ImmutableSortedDictionary<ResourceKey, Resource>>> tables, ResourceKey key)
    {
        foreach (var (_, namespaces) in tables)
        {
            if (namespaces.TryGetValue(key.Namespace, out var table) && table.TryGetValue(key, out var found))
            {
                return found;
            }
        }

        return null;
    }

    private static ImmutableDictionary<Type, ImmutableSortedDictionary<string, ImmutableSortedDictionary<ResourceKey, Resource>>> Replace(
        ImmutableDictionary<Type, ImmutableSortedDictionary<string, ImmutableSortedDictionary<ResourceKey, Resource>>> tables, ResourceKey key, Resource? before, Resource? after)
    {
        if (before is not null && before.GetType() != after?.GetType())
        {
            var without = tables[before.GetType()][key.Namespace].Remove(key);
            tables = tables.SetItem(before.GetType(), without.IsEmpty ? tables[before.GetType()].Remove(key.Namespace) : tables[before.GetType()].SetItem(key.Namespace, without));
        }

        if (after is null)
        {
            return tables;
        }

        var namespaces = tables.GetValueOrDefault(after.GetType(), NoNamespaces);
        var table = namespaces.GetValueOrDefault(key.Namespace, ImmutableSortedDictionary<ResourceKey, Resource>.Empty);
        return tables.SetItem(after.GetType(), namespaces.SetItem(key.Namespace, table.SetItem(key, after)));
    }
}

/// <summary>What a batch really changed about one object.</summary>
/// <param name="Key">Which one.</param>
/// <param name="Before">Its content before; null when it is new.</param>
/// <param name="After">Its content now; null when it is gone.</param>
public sealed record ResourceDifference(ResourceKey Key, Resource? Before, Resource? After);
