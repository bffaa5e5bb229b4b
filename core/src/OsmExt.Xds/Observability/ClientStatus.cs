using OsmExt.Envoy;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Observability;

/// <summary>Whether a client has a resource, in the words of the client status discovery service.</summary>
internal enum ResourceState
{
    /// <summary>It acknowledged the newest version.</summary>
    Synced,

    /// <summary>The newest version, or the resource it asks for, was not sent to it.</summary>
    NotSent,

    /// <summary>The newest version was sent, and not answered.</summary>
    Stale,

    /// <summary>It refused the newest version.</summary>
    Error,
}

/// <summary>One resource of a stream.</summary>
/// <param name="TypeUrl">Its type.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">How far it has come.</param>
internal sealed record ResourceStatus(string TypeUrl, string Name, ResourceState State)
{
    /// <summary>What the client acknowledged last; null for nothing, or nothing that is known.</summary>
    public required string? Acknowledged { get; init; }

    /// <summary>What there is; null when it is gone, or never was.</summary>
    public required XdsResource? Newest { get; init; }

    /// <summary>Why the newest was refused.</summary>
    public required Rejection? Rejection { get; init; }
}

/// <summary>One stream's resources.</summary>
/// <param name="ProxyId">Whose it is.</param>
/// <param name="NodeId">What the client calls itself.</param>
/// <param name="NodeVersion">What it says it is.</param>
/// <param name="OnlyType">The one type the stream carries; null for all.</param>
/// <param name="Resources">By type in push order, and name.</param>
internal sealed record ClientStatus(string ProxyId, string NodeId, string NodeVersion, string? OnlyType, IReadOnlyList<ResourceStatus> Resources);
