namespace OsmExt.Sdk.Status;

/// <summary>Whether a condition holds.</summary>
public enum ConditionStatus
{
    /// <summary>It cannot be told.</summary>
    Unknown,

    /// <summary>It does not.</summary>
    False,

    /// <summary>It does.</summary>
    True,
}

/// <summary>One thing to know about an object, in the words Kubernetes has for it.</summary>
/// <param name="Type">Which: one of <see cref="ConditionTypes"/>, or <c>PLUGIN/TYPE</c> where a plugin says it.</param>
/// <param name="Status">Whether it holds.</param>
/// <param name="Reason">Why, in one word.</param>
/// <param name="Message">Why, in words.</param>
public sealed record StatusCondition(string Type, ConditionStatus Status, string Reason, string Message)
{
    /// <summary>When <see cref="Status"/> became what it is; the earliest time there is, until somebody who remembers has set it.</summary>
    public DateTimeOffset LastTransition { get; init; }
}

/// <summary>What the mesh says of every object.</summary>
public static class ConditionTypes
{
    /// <summary>It can be used: nothing in it is wrong, and it is in a namespace of the mesh.</summary>
    public const string Accepted = "Accepted";

    /// <summary>What it names is there, and may be named.</summary>
    public const string ResolvedRefs = "ResolvedRefs";

    /// <summary>Every proxy that is to have what was made of it has acknowledged all of it.</summary>
    public const string Programmed = "Programmed";

    /// <summary>Another object claims the same, and one of them does not count.</summary>
    public const string Conflicted = "Conflicted";

    /// <summary>Part of it is not in force: left out, refused by a proxy, in quarantine, or its plugin failed.</summary>
    public const string Degraded = "Degraded";
}
