using System.Collections.Immutable;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>What a control plane knows of others that serve the same mesh.</summary>
internal interface IReplicas
{
    /// <summary>Whether this one writes. At any time at most one does; there may be none for a moment.</summary>
    bool IsLeader { get; }

    /// <summary>The names of others that serve proxies.</summary>
    IReadOnlyList<string> Others(ResourceSnapshot snapshot);

    /// <summary>The names of all that are there, whether they serve or not.</summary>
    IReadOnlySet<string> Present(ResourceSnapshot snapshot);
}

/// <summary>There are no others.</summary>
internal sealed class SoleReplica : IReplicas
{
    public bool IsLeader => true;

    public IReadOnlyList<string> Others(ResourceSnapshot snapshot) => [];

    public IReadOnlySet<string> Present(ResourceSnapshot snapshot) => ImmutableHashSet<string>.Empty;
}
