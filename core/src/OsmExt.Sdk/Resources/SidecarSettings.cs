using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Resources;

/// <summary>
/// What the sidecars of new pods are like, and which traffic goes around them (<c>spec.sidecar</c> of the MeshConfig, and the lists of
/// <c>spec.traffic</c>). Pods that are there already keep what they were made with.
/// </summary>
public sealed record SidecarSettings
{
    /// <summary>What a MeshConfig that says nothing means.</summary>
    public static SidecarSettings Default { get; } = new();

    /// <summary>Whether the init container runs privileged, as some distributions require. Default false.</summary>
    public bool PrivilegedInit { get; init; }

    /// <summary>How much Envoy logs. Default <c>error</c>.</summary>
    public string LogLevel { get; init; } = "error";

    /// <summary>Envoy's image; empty means the control plane's own choice.</summary>
    public string EnvoyImage { get; init; } = "";

    /// <summary>The init container's image; empty means the control plane's own choice.</summary>
    public string InitImage { get; init; } = "";

    /// <summary>What Envoy's container is given at most, by resource.</summary>
    public LabelSet Limits { get; init; } = LabelSet.Empty;

    /// <summary>What Envoy's container is given at least, by resource.</summary>
    public LabelSet Requests { get; init; } = LabelSet.Empty;

    /// <summary>Whether the sidecar reaches the application at the pod's address (<c>localProxyMode: PodIP</c>). Default false: at 127.0.0.1.</summary>
    public bool ReachByPodAddress { get; init; }

    /// <summary>Destination ports of connections a pod opens that go around the sidecar.</summary>
    public EquatableArray<int> OutboundPortExclusions { get; init; }

    /// <summary>Ports of a pod that are reached without the sidecar.</summary>
    public EquatableArray<int> InboundPortExclusions { get; init; }

    /// <summary>Destinations, as CIDR blocks, that are reached without the sidecar.</summary>
    public EquatableArray<string> OutboundRangeExclusions { get; init; }

    /// <summary>When not empty, only connections to these CIDR blocks go through the sidecar.</summary>
    public EquatableArray<string> OutboundRangeInclusions { get; init; }

    /// <summary>Network interfaces that are left alone in both directions.</summary>
    public EquatableArray<string> InterfaceExclusions { get; init; }
}
