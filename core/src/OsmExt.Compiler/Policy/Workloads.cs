using System.Collections.Immutable;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>Which workload a pod belongs to.</summary>
internal static class Workloads
{
    /// <summary>
    /// The controller of the pod; for a ReplicaSet the Deployment above it. Where the ReplicaSet itself was not read, the
    /// Deployment's name is the ReplicaSet's without its hash.
    /// </summary>
    public static WorkloadReference OwnerOf(Pod pod, ResourceSnapshot snapshot) => OwnerOf(pod, snapshot.In<WorkloadOwner>(pod.Metadata.Namespace));

    /// <summary>The same by the owners there are in the pod's namespace.</summary>
    public static WorkloadReference OwnerOf(Pod pod, ImmutableSortedDictionary<ResourceKey, Resource> owners)
    {
        if (pod.Metadata.Controller is not { } controller)
        {
            return WorkloadReference.Unknown;
        }

        if (!string.Equals(controller.Kind, "ReplicaSet", StringComparison.Ordinal))
        {
            return new(controller.Kind, controller.Name);
        }

        var replicaSet = owners.GetValueOrDefault(new("ReplicaSet", pod.Metadata.Namespace, controller.Name)) as WorkloadOwner;
        if (replicaSet is not null)
        {
            return replicaSet.Metadata.Controller is { } above ? new(above.Kind, above.Name) : new("ReplicaSet", controller.Name);
        }

        var hash = controller.Name.LastIndexOf('-');
        return hash > 0 ? new("Deployment", controller.Name[..hash]) : new("ReplicaSet", controller.Name);
    }
}
