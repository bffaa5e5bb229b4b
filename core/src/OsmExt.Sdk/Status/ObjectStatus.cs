using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Sdk.Status;

/// <summary>How far an object has come: a value that is made from what was found and what proxies have acknowledged.</summary>
/// <param name="Object">The object.</param>
/// <param name="ObservedGeneration">The generation of the object it is about; null where objects have none.</param>
/// <param name="Conditions">What is to be known, the mesh's own first; each type once.</param>
public sealed record ObjectStatus(ResourceKey Object, long? ObservedGeneration, EquatableArray<StatusCondition> Conditions)
{
    /// <summary>The proxies that are to have what was made of it; null where that cannot be told.</summary>
    public ProxyShare? Proxies { get; init; }

    /// <summary>The same by target, where it has several.</summary>
    public EquatableArray<TargetStatus> Targets { get; init; }

    /// <summary>The condition of that type, if there is one.</summary>
    public StatusCondition? Condition(string type) => Conditions.FirstOrDefault(condition => string.Equals(condition.Type, type, StringComparison.Ordinal));
}

/// <summary>How many proxies are to have something, and how many have acknowledged all of it.</summary>
/// <param name="Selected">How many are to have it.</param>
/// <param name="Acknowledged">How many of them have all of it.</param>
public sealed record ProxyShare(int Selected, int Acknowledged);

/// <summary>How far an object has come for one of its targets.</summary>
/// <param name="Target">The target, in words.</param>
/// <param name="Proxies">The proxies that are to have what is for it.</param>
public sealed record TargetStatus(string Target, ProxyShare Proxies);
