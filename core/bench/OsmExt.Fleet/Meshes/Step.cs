using OsmExt.Fleet.Proxies;
using OsmExt.Sdk.Resources;

namespace OsmExt.Fleet.Meshes;

/// <summary>What happens besides a change of objects.</summary>
internal enum Upheaval
{
    None,

    /// <summary>Every proxy drops its connection and comes back; what it had it still has.</summary>
    ReconnectWithVersions,

    /// <summary>The same, but proxies come back with nothing.</summary>
    ReconnectEmpty,

    /// <summary>The control plane is killed and started again; proxies still have what they had.</summary>
    Restart,

    /// <summary>The same, but proxies come back with nothing.</summary>
    RestartEmpty,
}

/// <summary>One thing that happens to a mesh.</summary>
/// <param name="Kind">What it is called in reports.</param>
/// <param name="Changes">Objects that change, at once.</param>
internal sealed record Step(string Kind, IReadOnlyList<ResourceChange> Changes)
{
    /// <summary>Pods whose proxies come.</summary>
    public IReadOnlyList<PodName> Joins { get; init; } = [];

    /// <summary>Pods whose proxies go.</summary>
    public IReadOnlyList<PodName> Leaves { get; init; } = [];

    public Upheaval Upheaval { get; init; }

    /// <summary>How long after the step before, in the workload's own rhythm.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>How long after it is settled nothing may be sent; zero where nobody looks.</summary>
    public TimeSpan Rest { get; init; }

    /// <summary>A name that is in everything it makes and nowhere else, when its latency is how long that takes to be visible; null when it is that of the answers.</summary>
    public string? Subject { get; init; }

    /// <summary>Whether it is over only when every proxy has come with a credential by the root that signs.</summary>
    public bool Renews { get; init; }

    /// <summary>Whether it only warms the control plane up.</summary>
    public bool IsWarmUp { get; init; }
}
