using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Reporting;

/// <summary>All that an object's status is made from.</summary>
/// <param name="Object">The object.</param>
/// <param name="Resource">What is in force of it; null when it could never be read.</param>
internal sealed record StatusSubject(ResourceKey Object, Resource? Resource)
{
    /// <summary>Whether it is in a namespace that is not part of the mesh, where its kind does not count.</summary>
    public bool IsOutside { get; init; }

    /// <summary>What was found about it, and about plugins that it is for.</summary>
    public IReadOnlyList<Diagnostic> Findings { get; init; } = [];

    /// <summary>How far it has come; null for kinds of which nothing is in proxies' configuration by itself.</summary>
    public ObjectProgress? Progress { get; init; }

    /// <summary>What plugins say of it, by plugin.</summary>
    public IReadOnlyList<(string Plugin, PluginCondition Condition)> Stated { get; init; } = [];

    /// <summary>Replicas that serve and have not said how far objects have come at their proxies.</summary>
    public int OtherReplicas { get; init; }

    /// <summary>Whether the other gives the same status.</summary>
    public bool IsSameAs(StatusSubject other)
        => Object == other.Object && Equals(Resource, other.Resource) && IsOutside == other.IsOutside && OtherReplicas == other.OtherReplicas && Equals(Progress, other.Progress)
            && Findings.SequenceEqual(other.Findings) && Stated.SequenceEqual(other.Stated);
}
