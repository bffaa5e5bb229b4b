using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Storage;

/// <summary>Where an object is among those of its kind: ordered by namespace, then by name, as lists are.</summary>
internal readonly record struct ObjectName(string Namespace, string Name) : IComparable<ObjectName>
{
    public int CompareTo(ObjectName other)
    {
        var byNamespace = string.CompareOrdinal(Namespace, other.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(Name, other.Name);
    }
}

/// <summary>An object as it is kept. The object is never changed; its <c>metadata.resourceVersion</c> is the revision.</summary>
internal sealed record StoredObject(GroupResource Resource, ObjectName Name, long Revision, JsonObject Object)
{
    private byte[]? _whole;
    private byte[]? _item;

    // What was written of the one is not what is written of the other.
    private StoredObject(StoredObject original) => (Resource, Name, Revision, Object) = (original.Resource, original.Name, original.Revision, original.Object);

    /// <summary>The object as it is sent: written once, however many read it.</summary>
    public byte[] Whole => _whole ??= JsonNodes.Bytes(Object);

    /// <summary>As in a list of a built-in kind, where the list says what its items are.</summary>
    public byte[] Item => _item ??= JsonNodes.Bytes(Object.With(("kind", null), ("apiVersion", null)));
}

/// <summary>One change: made (no object before), changed, or deleted (<see cref="After"/> is then its last content, with the revision of its end).</summary>
internal sealed record Change(long Revision, GroupResource Resource, StoredObject? Before, StoredObject After, bool Deleted, StoreState State);

/// <summary>Everything that was stored at one revision.</summary>
internal sealed record StoreState(long Revision, ImmutableDictionary<GroupResource, ImmutableSortedDictionary<ObjectName, StoredObject>> Objects)
{
    public static readonly StoreState Empty = new(0, ImmutableDictionary<GroupResource, ImmutableSortedDictionary<ObjectName, StoredObject>>.Empty);

    public ImmutableSortedDictionary<ObjectName, StoredObject> Of(GroupResource resource)
        => Objects.GetValueOrDefault(resource) ?? ImmutableSortedDictionary<ObjectName, StoredObject>.Empty;

    public StoredObject? Find(GroupResource resource, ObjectName name) => Of(resource).GetValueOrDefault(name);

    public StoreState With(StoredObject stored) => new(stored.Revision, Objects.SetItem(stored.Resource, Of(stored.Resource).SetItem(stored.Name, stored)));

    public StoreState Without(StoredObject stored, long revision) => new(revision, Objects.SetItem(stored.Resource, Of(stored.Resource).Remove(stored.Name)));
}
