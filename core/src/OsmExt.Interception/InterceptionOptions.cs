using System.Net;
using OsmExt.Sdk.Collections;

namespace OsmExt.Interception;

/// <summary>
/// What of a pod's TCP traffic goes around its sidecar. Ranges are CIDR blocks of either family; exclusions beat inclusions.
/// </summary>
internal sealed record InterceptionOptions
{
    /// <summary>Nothing goes around the sidecar.</summary>
    public static InterceptionOptions Everything { get; } = new();

    /// <summary>Destination ports of connections the pod opens that go out untouched.</summary>
    public EquatableArray<int> OutboundPortExclusions { get; init; }

    /// <summary>Ports of the pod that are reached without the sidecar.</summary>
    public EquatableArray<int> InboundPortExclusions { get; init; }

    /// <summary>Destinations that go out untouched.</summary>
    public EquatableArray<string> OutboundRangeExclusions { get; init; }

    /// <summary>When not empty, only connections to these destinations go through the sidecar.</summary>
    public EquatableArray<string> OutboundRangeInclusions { get; init; }

    /// <summary>Network interfaces that are left alone in both directions.</summary>
    public EquatableArray<string> InterfaceExclusions { get; init; }

    /// <summary>When not empty, the sidecar reaches the application at the pod's address instead of on loopback (proxy mode <c>PodIP</c>).</summary>
    public EquatableArray<IPAddress> PodAddresses { get; init; }
}
