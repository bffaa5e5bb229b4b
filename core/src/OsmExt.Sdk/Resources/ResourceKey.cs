namespace OsmExt.Sdk.Resources;

/// <summary>Names one object. Cluster-wide kinds have an empty namespace.</summary>
/// <param name="Kind">For example <c>TrafficTarget</c>.</param>
/// <param name="Namespace">Empty for cluster-wide kinds.</param>
/// <param name="Name">The object's name.</param>
public readonly record struct ResourceKey(string Kind, string Namespace, string Name) : IComparable<ResourceKey>
{
    /// <summary>Orders by namespace, name and kind, ordinally.</summary>
    public int CompareTo(ResourceKey other)
    {
        var order = string.CompareOrdinal(Namespace, other.Namespace);
        order = order != 0 ? order : string.CompareOrdinal(Name, other.Name);
        return order != 0 ? order : string.CompareOrdinal(Kind, other.Kind);
    }

    /// <summary><c>KIND NAMESPACE/NAME</c>, or <c>KIND NAME</c> for cluster-wide kinds.</summary>
    public override string ToString() => Namespace.Length == 0 ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator <(ResourceKey left, ResourceKey right) => left.CompareTo(right) < 0;

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator >(ResourceKey left, ResourceKey right) => left.CompareTo(right) > 0;

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator <=(ResourceKey left, ResourceKey right) => left.CompareTo(right) <= 0;

    /// <summary>Order of <see cref="CompareTo"/>.</summary>
    public static bool operator >=(ResourceKey left, ResourceKey right) => left.CompareTo(right) >= 0;
}
