using System.Security.Cryptography;
using System.Text;
using k8s;
using k8s.Models;

namespace OsmExt.Node.Controllers;

/// <summary>Deployments by ReplicaSets, one after the other: one pod more than wanted at a time, and none fewer that are ready.</summary>
internal static class DeploymentController
{
    private const string Hash = "pod-template-hash";
    private const int Surge = 1;

    public static async Task FollowAsync(IKubernetes api, ClusterView view, CancellationToken cancellation)
    {
        foreach (var deployment in view.Deployments.Where(deployment => deployment.Metadata.DeletionTimestamp is null))
        {
            await FollowAsync(api, view, deployment, cancellation);
        }
    }

    private static async Task FollowAsync(IKubernetes api, ClusterView view, V1Deployment deployment, CancellationToken cancellation)
    {
        var ns = deployment.Metadata.NamespaceProperty;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(KubernetesJson.Serialize(deployment.Spec.Template))))[..10];
        var wanted = deployment.Spec.Replicas ?? 1;
        var sets = view.ReplicaSets.Where(set => ClusterView.IsOwnedBy(set, deployment)).ToArray();
        var current = Array.Find(sets, set => set.Metadata.Labels?[Hash] == hash);
        if (current is null)
        {
            var others = sets.Sum(set => set.Spec.Replicas ?? 0);
            await api.AppsV1.CreateNamespacedReplicaSetAsync(SetOf(deployment, hash, Math.Clamp(wanted + Surge - others, 0, wanted)), ns, cancellationToken: cancellation);
            return;
        }

        var pods = sets.ToDictionary(set => set.Metadata.Uid, set => view.Pods.Where(pod => ClusterView.IsOwnedBy(pod, set) && pod.Metadata.DeletionTimestamp is null).ToArray());
        var total = sets.Sum(set => set.Spec.Replicas ?? 0);
        var size = current.Spec.Replicas ?? 0;
        var next = size > wanted ? wanted : Math.Min(wanted, size + Math.Max(0, wanted + Surge - total));
        await ScaleAsync(api, current, next, cancellation);
        // What may go: all that is not ready, and as many ready ones as there are too many.
        var spare = pods.Values.Sum(own => own.Count(ClusterView.IsReady)) - wanted;
        foreach (var old in sets.Where(set => set != current && set.Spec.Replicas > 0))
        {
            var ready = pods[old.Metadata.Uid].Count(ClusterView.IsReady);
            var going = Math.Clamp(spare, 0, ready);
            spare -= going;
            await ScaleAsync(api, old, ready - going, cancellation);
        }

        await ReportAsync(api, deployment, pods, current, cancellation);
    }

    private static async Task ReportAsync(IKubernetes api, V1Deployment deployment, Dictionary<string, V1Pod[]> pods, V1ReplicaSet current, CancellationToken cancellation)
    {
        var (all, ready, updated) = (pods.Values.Sum(own => own.Length), pods.Values.Sum(own => own.Count(ClusterView.IsReady)), pods[current.Metadata.Uid].Length);
        var wanted = deployment.Spec.Replicas ?? 1;
        var done = updated >= wanted && all == updated && pods[current.Metadata.Uid].Count(ClusterView.IsReady) >= wanted;
        var status = new V1DeploymentStatus
        {
            ObservedGeneration = deployment.Metadata.Generation, Replicas = all, UpdatedReplicas = updated, ReadyReplicas = ready, AvailableReplicas = ready,
            UnavailableReplicas = Math.Max(0, wanted - ready),
            Conditions =
            [
                new() { Type = "Available", Status = ready >= wanted ? "True" : "False", Reason = ready >= wanted ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable" },
                new() { Type = "Progressing", Status = "True", Reason = done ? "NewReplicaSetAvailable" : "ReplicaSetUpdated" },
            ],
        };
        if (KubernetesJson.Serialize(status) != KubernetesJson.Serialize(deployment.Status))
        {
            await api.AppsV1.PatchNamespacedDeploymentStatusAsync(Status(status), deployment.Metadata.Name, deployment.Metadata.NamespaceProperty, cancellationToken: cancellation);
        }
    }

    public static V1Patch Status(object status) => new($"{{\"status\":{KubernetesJson.Serialize(status)}}}", V1Patch.PatchType.MergePatch);

    private static async Task ScaleAsync(IKubernetes api, V1ReplicaSet set, int replicas, CancellationToken cancellation)
    {
        if (set.Spec.Replicas != replicas)
        {
            await api.AppsV1.PatchNamespacedReplicaSetAsync(
                new V1Patch($"{{\"spec\":{{\"replicas\":{replicas}}}}}", V1Patch.PatchType.MergePatch), set.Metadata.Name, set.Metadata.NamespaceProperty, cancellationToken: cancellation);
        }
    }

    private static V1ReplicaSet SetOf(V1Deployment deployment, string hash, int replicas)
    {
        var template = KubernetesJson.Deserialize<V1PodTemplateSpec>(KubernetesJson.Serialize(deployment.Spec.Template));
        template.Metadata ??= new();
        template.Metadata.Labels = new Dictionary<string, string>(template.Metadata.Labels ?? new Dictionary<string, string>()) { [Hash] = hash };
        return new()
        {
            ApiVersion = "apps/v1", Kind = "ReplicaSet",
            Metadata = new()
            {
                Name = $"{deployment.Metadata.Name}-{hash}", Labels = template.Metadata.Labels, OwnerReferences = [ClusterView.OwnerOf(deployment, "apps/v1", "Deployment")],
            },
            Spec = new()
            {
                Replicas = replicas, Template = template,
                Selector = new() { MatchLabels = new Dictionary<string, string>(deployment.Spec.Selector.MatchLabels ?? new Dictionary<string, string>()) { [Hash] = hash } },
            },
        };
    }
}
