using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace OsmExt.Cli.Clusters;

/// <summary>The pods of a mesh's control plane.</summary>
internal static class ControllerPods
{
    /// <summary>The pods that serve, the leader first: it is the one that writes status, and the others know the same but for their own proxies.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static async Task<IReadOnlyList<string>> PodsAsync(ClusterSession session, string ns, CancellationToken cancellation)
    {
        var found = await session.Api.CoreV1.ListNamespacedPodAsync(ns, labelSelector: $"{MeshNames.App}={MeshNames.Controller}", cancellationToken: cancellation).ConfigureAwait(false);
        var ready = found.Items.Where(IsReady).Select(pod => pod.Metadata.Name).Order(StringComparer.Ordinal).ToList();
        if (ready.Count == 0)
        {
            throw new CommandException(found.Items.Count == 0
                ? $"there is no control plane in namespace {ns} of {session.Connection.Name}; osm mesh list says where meshes are, --osm-namespace chooses another namespace"
                : $"no pod of the control plane in namespace {ns} is ready ({string.Join(", ", found.Items.Select(pod => $"{pod.Metadata.Name} is {Phase(pod)}"))}); osm verify control-plane-health says why");
        }

        var leader = await LeaderAsync(session, ns, cancellation).ConfigureAwait(false);
        return [.. ready.OrderByDescending(pod => leader?.StartsWith(pod, StringComparison.Ordinal) ?? false)];
    }

    /// <summary>Whether a pod serves.</summary>
    public static bool IsReady(V1Pod pod)
        => pod.Metadata.DeletionTimestamp is null && (pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) ?? false);

    /// <summary>What a pod is doing, in a word: why a container waits, if one does.</summary>
    public static string Phase(V1Pod pod)
        => pod.Status?.ContainerStatuses?.Select(status => status.State?.Waiting?.Reason).FirstOrDefault(reason => reason is not null) ?? pod.Status?.Phase ?? "Unknown";

    private static async Task<string?> LeaderAsync(ClusterSession session, string ns, CancellationToken cancellation)
    {
        try
        {
            return (await session.Api.CoordinationV1.ReadNamespacedLeaseAsync(MeshNames.Controller, ns, cancellationToken: cancellation).ConfigureAwait(false)).Spec?.HolderIdentity;
        }
        catch (HttpOperationException failure) when (failure.Is(HttpStatusCode.NotFound) || failure.Is(HttpStatusCode.Forbidden))
        {
            // Any of them will do.
            return null;
        }
    }
}
