using OsmExt.DataPlane.Entry;
using OsmExt.LocalRuntime.Pods;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime.Network;

/// <summary>What connects a mesh's pods.</summary>
internal interface IMeshNetwork
{
    /// <summary>The namespace that the control plane lives in; null for the machine's own network.</summary>
    string? NodeNamespace { get; }

    Task CreateAsync(CancellationToken cancellation);

    /// <summary>Makes a pod's part of it, with everything that puts its sidecar in the way.</summary>
    Task AddPodAsync(PodPlan pod, ServiceTable services, CancellationToken cancellation);

    Task RemovePodAsync(PodPlan pod, CancellationToken cancellation);

    /// <summary>Makes names and virtual addresses what they are now.</summary>
    Task SetServicesAsync(ServiceTable services, IReadOnlyList<PodPlan> pods, CancellationToken cancellation);

    Task DeleteAsync(CancellationToken cancellation);

    /// <summary>What a pod's embedded sidecar is told besides its bootstrap.</summary>
    IReadOnlyList<string> SidecarArguments(PodPlan pod);

    /// <summary>A container's variables, with what its programs have to know of the network.</summary>
    LabelSet Environment(PodPlan pod, LabelSet own);

    /// <summary>Where a pod is, if pods are loopback addresses.</summary>
    LoopbackPod? PlaceOf(ResourceKey pod);
}
