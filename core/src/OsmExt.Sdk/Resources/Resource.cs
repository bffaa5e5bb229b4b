using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Resources;

/// <summary>
/// What the mesh reads of one Kubernetes object: an immutable view with the fields in use, compared by content.
/// </summary>
/// <param name="Metadata">Name, labels and the rest of the object's metadata.</param>
public abstract record Resource(ResourceMetadata Metadata)
{
    /// <summary>The object's kind, for example <c>Service</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>The object's name, with its kind and namespace.</summary>
    public ResourceKey Key => new(Kind, Metadata.Namespace, Metadata.Name);
}

/// <summary>The parts of object metadata in use.</summary>
/// <param name="Namespace">Empty for cluster-wide kinds.</param>
/// <param name="Name">The object's name.</param>
public sealed record ResourceMetadata(string Namespace, string Name)
{
    /// <summary>The object's unique id; empty when it has none (files usually do not).</summary>
    public string Uid { get; init; } = "";

    /// <summary>Counts changes of the object; null where nobody counts (files usually have none).</summary>
    public long? Generation { get; init; }

    /// <summary>Labels.</summary>
    public LabelSet Labels { get; init; } = LabelSet.Empty;

    /// <summary>Annotations.</summary>
    public LabelSet Annotations { get; init; } = LabelSet.Empty;

    /// <summary>When it was created; null when unknown. The older of two conflicting objects wins.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>The object that controls this one, if any.</summary>
    public OwnerReference? Controller { get; init; }
}

/// <summary>A reference to a controlling object in the same namespace.</summary>
/// <param name="Kind">For example <c>ReplicaSet</c>.</param>
/// <param name="Name">Its name.</param>
public sealed record OwnerReference(string Kind, string Name);
