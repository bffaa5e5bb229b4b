using k8s;
using k8s.Models;

namespace OsmExt.Node.Controllers;

/// <summary>Makes the pods of ReplicaSets and Jobs, and counts them.</summary>
internal static class PodControllers
{
    public static async Task FollowAsync(IKubernetes api, ClusterView view, CancellationToken cancellation)
    {
        foreach (var set in view.ReplicaSets.Where(set => set.Metadata.DeletionTimestamp is null))
        {
            await FollowAsync(api, view, set, cancellation);
        }

        foreach (var job in view.Jobs.Where(job => job.Metadata.DeletionTimestamp is null && job.Status?.Conditions is not { Count: > 0 }))
        {
            await FollowAsync(api, view, job, cancellation);
        }
    }

    private static async Task FollowAsync(IKubernetes api, ClusterView view, V1ReplicaSet set, CancellationToken cancellation)
    {
        var own = view.Pods.Where(pod => ClusterView.IsOwnedBy(pod, set) && pod.Metadata.DeletionTimestamp is null && pod.Status?.Phase is not ("Failed" or "Succeeded")).ToArray();
        var wanted = set.Spec.Replicas ?? 1;
        for (var missing = wanted - own.Length; missing > 0; missing--)
        {
            await CreateAsync(api, set, "apps/v1", "ReplicaSet", set.Spec.Template, cancellation);
        }

        foreach (var pod in own.OrderBy(ClusterView.IsReady).Take(own.Length - wanted))
        {
            await api.CoreV1.DeleteNamespacedPodAsync(pod.Metadata.Name, pod.Metadata.NamespaceProperty, cancellationToken: cancellation);
        }

        var ready = own.Count(ClusterView.IsReady);
        var status = new V1ReplicaSetStatus { Replicas = own.Length, ReadyReplicas = ready, AvailableReplicas = ready, ObservedGeneration = set.Metadata.Generation };
        if (set.Status?.Replicas != status.Replicas || (set.Status?.ReadyReplicas ?? 0) != ready || set.Status?.ObservedGeneration != status.ObservedGeneration)
        {
            await api.AppsV1.PatchNamespacedReplicaSetStatusAsync(DeploymentController.Status(status), set.Metadata.Name, set.Metadata.NamespaceProperty, cancellationToken: cancellation);
        }
    }

    private static async Task FollowAsync(IKubernetes api, ClusterView view, V1Job job, CancellationToken cancellation)
    {
        var own = view.Pods.Where(pod => ClusterView.IsOwnedBy(pod, job)).ToArray();
        var (good, bad) = (own.Count(pod => pod.Status?.Phase == "Succeeded"), own.Count(pod => pod.Status?.Phase == "Failed"));
        var done = good >= (job.Spec.Completions ?? 1);
        if (done || bad > (job.Spec.BackoffLimit ?? 6))
        {
            var status = new V1JobStatus { Succeeded = good, Failed = bad, Conditions = [new() { Type = done ? "Complete" : "Failed", Status = "True" }] };
            await api.BatchV1.PatchNamespacedJobStatusAsync(DeploymentController.Status(status), job.Metadata.Name, job.Metadata.NamespaceProperty, cancellationToken: cancellation);
        }
        else if (own.Length == good + bad)
        {
            await CreateAsync(api, job, "batch/v1", "Job", job.Spec.Template, cancellation);
        }
    }

    // A webhook that does not answer yet refuses; the next look tries again.
    private static Task<V1Pod> CreateAsync(
        IKubernetes api, IKubernetesObject<V1ObjectMeta> owner, string version, string kind, V1PodTemplateSpec template, CancellationToken cancellation)
        => api.CoreV1.CreateNamespacedPodAsync(
            new()
            {
                ApiVersion = "v1", Kind = "Pod", Spec = template.Spec,
                Metadata = new()
                {
                    GenerateName = $"{owner.Metadata.Name}-", Labels = template.Metadata?.Labels, Annotations = template.Metadata?.Annotations,
                    OwnerReferences = [ClusterView.OwnerOf(owner, version, kind)],
                },
            },
            owner.Metadata.NamespaceProperty, cancellationToken: cancellation);
}
