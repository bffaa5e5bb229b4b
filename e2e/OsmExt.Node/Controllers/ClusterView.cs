using k8s;
using k8s.Models;

namespace OsmExt.Node.Controllers;

/// <summary>What controllers look at, as of one moment.</summary>
internal sealed record ClusterView(
    IList<V1Pod> Pods, IList<V1Service> Services, IList<V1EndpointSlice> Slices, IList<V1Deployment> Deployments, IList<V1ReplicaSet> ReplicaSets, IList<V1Job> Jobs)
{
    public static async Task<ClusterView> ReadAsync(IKubernetes api, CancellationToken cancellation) => new(
        (await api.CoreV1.ListPodForAllNamespacesAsync(cancellationToken: cancellation)).Items,
        (await api.CoreV1.ListServiceForAllNamespacesAsync(cancellationToken: cancellation)).Items,
        (await api.DiscoveryV1.ListEndpointSliceForAllNamespacesAsync(cancellationToken: cancellation)).Items,
        (await api.AppsV1.ListDeploymentForAllNamespacesAsync(cancellationToken: cancellation)).Items,
        (await api.AppsV1.ListReplicaSetForAllNamespacesAsync(cancellationToken: cancellation)).Items,
        (await api.BatchV1.ListJobForAllNamespacesAsync(cancellationToken: cancellation)).Items);

    public static bool IsReady(V1Pod pod) => pod.Metadata.DeletionTimestamp is null && pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    public static bool IsOwnedBy(IMetadata<V1ObjectMeta> child, IMetadata<V1ObjectMeta> owner)
        => child.Metadata.OwnerReferences?.Any(reference => reference.Controller == true && reference.Uid == owner.Metadata.Uid) == true;

    public static V1OwnerReference OwnerOf(IKubernetesObject<V1ObjectMeta> owner, string apiVersion, string kind)
        => new() { ApiVersion = apiVersion, Kind = kind, Name = owner.Metadata.Name, Uid = owner.Metadata.Uid, Controller = true, BlockOwnerDeletion = true };

    public static bool Selects(IDictionary<string, string>? labels, V1Pod pod)
        => labels is { Count: > 0 } && labels.All(label => pod.Metadata.Labels?.TryGetValue(label.Key, out var value) == true && value == label.Value);
}
