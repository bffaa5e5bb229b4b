using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using OsmExt.Cli.Clusters;

namespace OsmExt.Cli.Verification;

/// <summary>What is looked at in a control plane.</summary>
internal sealed class ControlPlaneChecks(ClusterSession session)
{
    private readonly ClusterKinds _kinds = new(session);

    /// <summary>Looks at all of it.</summary>
    public async Task<Check> AllAsync(CancellationToken cancellation)
    {
        var ns = session.OsmNamespace;
        var deployment = (await session.Api.AppsV1.ListNamespacedDeploymentAsync(ns, labelSelector: $"{MeshNames.App}={MeshNames.Controller}", cancellationToken: cancellation).ConfigureAwait(false)).Items.FirstOrDefault();
        if (deployment is null)
        {
            return Check.All($"The control plane in namespace {ns} is healthy", [new($"Deployment {MeshNames.Controller} is there", CheckStatus.Failure, $"namespace {ns} has none", "osm mesh list says where meshes are; --osm-namespace chooses another namespace")]);
        }

        var mesh = deployment.GetLabel(MeshNames.MeshName) ?? "";
        var pods = (await session.Api.CoreV1.ListNamespacedPodAsync(ns, labelSelector: $"{MeshNames.App}={MeshNames.Controller}", cancellationToken: cancellation).ConfigureAwait(false)).Items;
        var checks = new List<Check> { Check.Of($"Deployment {MeshNames.Controller} has pods", pods.Count > 0, "it has none", $"kubectl describe deployment -n {ns} {MeshNames.Controller}") };
        foreach (var pod in pods)
        {
            checks.Add(Check.All($"Pod {pod.Metadata.Name} works", [.. Conditions(pod), await AnswersAsync(pod, "health/alive", "is alive", cancellation).ConfigureAwait(false), await AnswersAsync(pod, "health/ready", "serves proxies", cancellation).ConfigureAwait(false)]));
        }

        checks.Add(await MeshConfigAsync(ns, cancellation).ConfigureAwait(false));
        checks.Add(await DefinitionsAsync(cancellation).ConfigureAwait(false));
        checks.Add(await WebhooksAsync("mutatingwebhookconfigurations", "new pods get sidecars", mesh, cancellation).ConfigureAwait(false));
        checks.Add(await WebhooksAsync("validatingwebhookconfigurations", "mistakes are refused when they are made", mesh, cancellation).ConfigureAwait(false));
        return Check.All($"The control plane of mesh {mesh} in namespace {ns} is healthy", checks);
    }

    private static IEnumerable<Check> Conditions(V1Pod pod)
        => new[] { ("PodScheduled", "has a node"), ("Initialized", "is initialised"), ("Ready", "is ready") }.Select(wanted =>
        {
            var condition = pod.Status?.Conditions?.FirstOrDefault(each => each.Type == wanted.Item1);
            // A server that does not report a condition says nothing against it.
            return condition is null && wanted.Item1 != "Ready" ? new Check($"Pod {pod.Metadata.Name} {wanted.Item2}", CheckStatus.Success)
                : Check.Of($"Pod {pod.Metadata.Name} {wanted.Item2}", condition?.Status == "True", condition?.Message ?? ControllerPods.Phase(pod), $"kubectl describe pod -n {pod.Metadata.NamespaceProperty} {pod.Metadata.Name}");
        });

    private async Task<Check> AnswersAsync(V1Pod pod, string page, string what, CancellationToken cancellation)
    {
        var context = $"Pod {pod.Metadata.Name} says that it {what}";
        try
        {
            using var client = PortForward.CreateClient(session, pod.Metadata.NamespaceProperty, pod.Metadata.Name, MeshNames.HttpPort);
            using var answer = await client.GetAsync(new Uri($"/{page}", UriKind.Relative), cancellation).ConfigureAwait(false);
            var text = (await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false)).Trim();
            return Check.Of(context, answer.IsSuccessStatusCode, $"it answers {(int)answer.StatusCode}: {text}", $"kubectl logs -n {pod.Metadata.NamespaceProperty} {pod.Metadata.Name}");
        }
        catch (Exception failure) when (failure is CommandException or HttpRequestException)
        {
            return new(context, CheckStatus.Failure, (failure.InnerException ?? failure).Message, $"kubectl logs -n {pod.Metadata.NamespaceProperty} {pod.Metadata.Name}");
        }
    }

    private async Task<Check> MeshConfigAsync(string ns, CancellationToken cancellation)
    {
        var found = await _kinds.ReadAsync($"apis/{MeshNames.ConfigGroup}/v1alpha2/namespaces/{ns}/meshconfigs/{MeshNames.MeshConfig}", cancellation).ConfigureAwait(false);
        return Check.Of($"MeshConfig {MeshNames.MeshConfig} is there", found is not null, "there is none, so that everything that opens access is off", "osm mesh upgrade makes it again");
    }

    private async Task<Check> DefinitionsAsync(CancellationToken cancellation)
    {
        var missing = new List<string>();
        foreach (var name in Definitions.Names)
        {
            if (await _kinds.ReadAsync(Definitions.PathOf(name), cancellation).ConfigureAwait(false) is null)
            {
                missing.Add(name);
            }
        }

        return Check.Of("The definitions of the mesh's kinds are there", missing.Count == 0, $"there is no {string.Join(", ", missing)}", "osm mesh upgrade makes them");
    }

    private async Task<Check> WebhooksAsync(string plural, string what, string mesh, CancellationToken cancellation)
    {
        var context = $"A webhook sees to it that {what}";
        var found = await _kinds.ReadAsync($"apis/admissionregistration.k8s.io/v1/{plural}?labelSelector={Uri.EscapeDataString($"app.kubernetes.io/name=openservicemesh.io,app.kubernetes.io/instance={mesh}")}", cancellation).ConfigureAwait(false);
        JsonNode[] all = [.. (found?["items"]?.AsArray() ?? []).Select(item => item!)];
        var untrusted = all.SelectMany(item => item["webhooks"]?.AsArray() ?? []).Where(hook => string.IsNullOrEmpty((string?)hook!["clientConfig"]?["caBundle"])).Select(hook => $"{hook!["name"]}").ToArray();
        return all.Length == 0 ? new(context, CheckStatus.Failure, "there is none", "osm mesh upgrade makes it")
            : Check.Of(context, untrusted.Length == 0, $"{string.Join(", ", untrusted)} has no caBundle, so that the API server cannot trust it", $"the leader of the control plane writes it; kubectl logs -n {session.OsmNamespace} deployment/{MeshNames.Controller} says why it did not");
    }
}
