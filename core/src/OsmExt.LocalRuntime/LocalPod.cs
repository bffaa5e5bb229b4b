using OsmExt.Interception;
using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime;

/// <summary>A pod to run.</summary>
/// <param name="Pod">The pod, with at least one address.</param>
/// <param name="Meshed">Whether it gets a sidecar.</param>
internal sealed record LocalPod(Pod Pod, bool Meshed)
{
    /// <summary>Annotation that chooses the pod's Envoy: a path, or a version to look for.</summary>
    public const string EnvoyAnnotation = "osm.local/envoy";

    /// <summary>What goes around its sidecar besides what its annotations say, as the mesh's settings were when it was first seen; null for what the mesh is started with.</summary>
    public InterceptionOptions? Interception { get; init; }

    /// <summary>Whether its sidecar reaches its applications at its address, as the mesh's settings were then.</summary>
    public bool ReachByPodAddress { get; init; }
}
