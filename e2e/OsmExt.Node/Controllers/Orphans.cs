using k8s;
using k8s.Models;

namespace OsmExt.Node.Controllers;

/// <summary>Deletes what a controller made for an owner that is gone, where the API server does not do it itself.</summary>
internal static class Orphans
{
    public static async Task DeleteAsync(IKubernetes api, ClusterView view, CancellationToken cancellation)
    {
        var owners = view.Deployments.Select(owner => owner.Metadata.Uid)
            .Concat(view.ReplicaSets.Select(owner => owner.Metadata.Uid)).Concat(view.Jobs.Select(owner => owner.Metadata.Uid)).Concat(view.Services.Select(owner => owner.Metadata.Uid))
            .ToHashSet(StringComparer.Ordinal);
        foreach (var set in view.ReplicaSets.Where(IsOrphan))
        {
            await api.AppsV1.DeleteNamespacedReplicaSetAsync(set.Metadata.Name, set.Metadata.NamespaceProperty, cancellationToken: cancellation);
        }

        foreach (var pod in view.Pods.Where(IsOrphan))
        {
            await api.CoreV1.DeleteNamespacedPodAsync(pod.Metadata.Name, pod.Metadata.NamespaceProperty, cancellationToken: cancellation);
        }

        foreach (var slice in view.Slices.Where(IsOrphan))
        {
            await api.DiscoveryV1.DeleteNamespacedEndpointSliceAsync(slice.Metadata.Name, slice.Metadata.NamespaceProperty, cancellationToken: cancellation);
        }

        bool IsOrphan(IMetadata<V1ObjectMeta> child) => child.Metadata.DeletionTimestamp is null
            && child.Metadata.OwnerReferences?.FirstOrDefault(reference => reference is { Controller: true, Kind: "Deployment" or "ReplicaSet" or "Job" or "Service" }) is { } owner && !owners.Contains(owner.Uid);
    }
}
