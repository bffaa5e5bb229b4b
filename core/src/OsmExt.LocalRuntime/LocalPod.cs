using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime;

/// <summary>A pod to run.</summary>
/// <param name="Pod">The pod, with at least one address.</param>
/// <param name="Meshed">Whether it gets a sidecar.</param>
internal sealed record LocalPod(Pod Pod, bool Meshed)
{
    /// <summary>Annotation that chooses the pod's Envoy: a path, or a version to look for.</summary>
    public const string EnvoyAnnotation = "osm.local/envoy";
}
