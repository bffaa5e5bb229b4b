using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using OsmExt.Cli.Clusters;

namespace OsmExt.Cli.Verification;

/// <summary>What is looked at in pods and their namespaces.</summary>
internal sealed class PodChecks(ClusterSession session, string mesh)
{
    /// <summary>Whether a namespace is part of the mesh.</summary>
    public async Task<Check> MonitoredAsync(string ns, CancellationToken cancellation)
    {
        var context = $"Namespace {ns} is part of mesh {mesh}";
        try
        {
            var found = await session.Api.CoreV1.ReadNamespaceAsync(ns, cancellationToken: cancellation).ConfigureAwait(false);
            var owner = found.GetLabel(MeshNames.MonitoredBy);
            return Check.Of(context, owner == mesh, owner is null ? "it is in no mesh" : $"it is in mesh {owner}", owner is null ? $"osm namespace add {ns} --mesh-name {mesh}" : $"say --mesh-name {owner}");
        }
        catch (HttpOperationException failure) when (failure.Is(HttpStatusCode.NotFound))
        {
            return new(context, CheckStatus.Failure, "there is no such namespace", "correct the name");
        }
    }

    /// <summary>A pod, or what to say where there is none.</summary>
    public async Task<(V1Pod? Pod, Check Check)> FindAsync(string pod, CancellationToken cancellation)
    {
        var context = $"Pod {pod} is there and ready";
        try
        {
            var parts = pod.Split('/');
            var found = await session.Api.CoreV1.ReadNamespacedPodAsync(parts[1], parts[0], cancellationToken: cancellation).ConfigureAwait(false);
            return (found, Check.Of(context, ControllerPods.IsReady(found), $"it is {ControllerPods.Phase(found)}", $"kubectl describe pod -n {parts[0]} {parts[1]} says why"));
        }
        catch (HttpOperationException failure) when (failure.Is(HttpStatusCode.NotFound))
        {
            return (null, new(context, CheckStatus.Failure, "there is no such pod", "correct the name; kubectl get pods -A lists them"));
        }
    }

    /// <summary>Whether a pod has a sidecar, as it should or should not.</summary>
    public static Check Sidecar(V1Pod pod, bool wanted)
    {
        var (name, ns) = ($"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}", pod.Metadata.NamespaceProperty);
        // A native sidecar is an init container that goes on running.
        var has = pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []).Any(container => container.Name == MeshNames.Envoy) && pod.GetLabel(MeshNames.ProxyUuid) is not null;
        return wanted
            ? Check.Of($"Pod {name} has a sidecar", has, "it has none", $"osm namespace add {ns}, then restart the pod: sidecars come with new pods")
            : Check.Of($"Pod {name} has no sidecar", !has, "it has one, so that it cannot take in what comes from outside the mesh", $"give it the annotation {MeshNames.SidecarInjection}: disabled, and restart it");
    }

    /// <summary>Whether sidecars are connected to the control plane and have what is meant for them.</summary>
    public async Task<Check> InSyncAsync(IReadOnlyList<string> pods, CancellationToken cancellation)
    {
        const string context = "The sidecars have what the control plane means for them";
        try
        {
            using var running = await RunningMesh.OfAsync(session, cancellation).ConfigureAwait(false);
            var streams = new List<System.Text.Json.Nodes.JsonNode>();
            foreach (var replica in running.Replicas)
            {
                streams.AddRange((await RunningMesh.ReadAsync(replica, "proxies", cancellation).ConfigureAwait(false)).AsArray().Select(stream => stream!));
            }

            return Check.All(context, pods.Select(pod => streams.FirstOrDefault(stream => $"{stream["proxy"]}" == pod) is not { } stream
                ? new Check($"The sidecar of {pod} is connected to the control plane", CheckStatus.Failure, "it is not", $"kubectl logs of its container envoy and of {MeshNames.Controller} say why")
                : Check.Of($"The sidecar of {pod} has acknowledged everything", (bool)stream["in_sync"]! && (int)stream["rejected"]! == 0, (int)stream["rejected"]! > 0 ? "it refused something" : "it has not yet", $"osm proxy status {pod} says what")));
        }
        catch (CommandException failure)
        {
            return new(context, CheckStatus.Unknown, failure.Message, "osm verify control-plane-health");
        }
    }
}
