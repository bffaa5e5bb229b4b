using System.Collections.Immutable;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>What a control plane knows of others that serve the same mesh.</summary>
internal interface IReplicas
{
    /// <summary>Whether this one writes. At any time at most one does; there may be none for a moment.</summary>
    bool IsLeader => LeadsFor > TimeSpan.Zero;

    /// <summary>For how long from now this one leads for certain; zero when it does not.</summary>
    TimeSpan LeadsFor { get; }

    /// <summary>The names of others that serve proxies.</summary>
    IReadOnlyList<string> Others(ResourceSnapshot snapshot);

    /// <summary>The names of all that are there, whether they serve or not.</summary>
    IReadOnlySet<string> Present(ResourceSnapshot snapshot);
}

/// <summary>There are no others.</summary>
internal sealed class SoleReplica : IReplicas
{
    // As long as a timer can be set for.
    public TimeSpan LeadsFor => TimeSpan.FromDays(1);

    public IReadOnlyList<string> Others(ResourceSnapshot snapshot) => [];

    public IReadOnlySet<string> Present(ResourceSnapshot snapshot) => ImmutableHashSet<string>.Empty;
}
