using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using OsmExt.Cli.Clusters;

namespace OsmExt.Cli.Verification;

/// <summary>A way in from outside: which ingress controller's Service, to what, allowed by which IngressBackend.</summary>
/// <param name="FromService">The controller's Service, <c>NAMESPACE/NAME</c>.</param>
/// <param name="ToPod">The pod, <c>NAMESPACE/NAME</c>.</param>
/// <param name="ToService">Its Service.</param>
/// <param name="Backend">The IngressBackend, in the pod's namespace.</param>
/// <param name="Port">The pod's port, as the IngressBackend has it.</param>
/// <param name="Protocol">The protocol, as the IngressBackend has it.</param>
internal sealed record WayIn(string FromService, string ToPod, string ToService, string Backend, int Port, string Protocol);

/// <summary>What is looked at to tell whether an ingress controller gets through to a pod.</summary>
internal sealed class IngressChecks(ClusterSession session, string mesh, PodPolicy policy)
{
    private readonly PodChecks _pods = new(session, mesh);

    /// <summary>Looks at all of it.</summary>
    public async Task<Check> AllAsync(WayIn way, CancellationToken cancellation)
    {
        var (fromNamespace, fromName) = (way.FromService.Split('/')[0], way.FromService.Split('/')[1]);
        var toNamespace = way.ToPod.Split('/')[0];
        var checks = new List<Check> { await _pods.MonitoredAsync(fromNamespace, cancellation).ConfigureAwait(false), await _pods.MonitoredAsync(toNamespace, cancellation).ConfigureAwait(false) };
        var controllers = await ControllersAsync(fromNamespace, fromName, cancellation).ConfigureAwait(false);
        checks.Add(Check.Of($"Service {way.FromService} has pods", controllers.Count > 0, "there is no such Service, or no pod fits its selector", $"kubectl get endpointslices -n {fromNamespace} -l kubernetes.io/service-name={fromName}"));
        checks.AddRange(controllers.Select(pod => PodChecks.Sidecar(pod, wanted: false)));
        var (destination, found) = await _pods.FindAsync(way.ToPod, cancellation).ConfigureAwait(false);
        checks.Add(found);
        if (destination is not null)
        {
            checks.Add(PodChecks.Sidecar(destination, wanted: true));
        }

        checks.Add(await BackendAsync(way, toNamespace, fromNamespace, fromName, cancellation).ConfigureAwait(false));
        if (destination?.Status?.PodIP is { } address && controllers.Count > 0 && checks.All(check => check.Status != CheckStatus.Failure))
        {
            var (running, read) = await RunningConfigurations.ReadAsync(session, policy.Simulated, [way.ToPod], cancellation).ConfigureAwait(false);
            checks.Add(read);
            if (running is not null)
            {
                // From the controller's own address, which is what an IngressBackend lets in.
                checks.Add(RunningConfigurations.Decide(running, new(controllers[0].Status?.PodIP ?? "", address, way.Port) { Tls = way.Protocol == "https" },
                    $"osm status IngressBackend {toNamespace}/{way.Backend} says how far the IngressBackend has come"));
            }
        }

        return Check.All($"{way.FromService} gets through to {way.ToPod} by Service {way.ToService}", checks);
    }

    private async Task<IReadOnlyList<V1Pod>> ControllersAsync(string ns, string service, CancellationToken cancellation)
    {
        var found = (await session.Api.CoreV1.ListNamespacedServiceAsync(ns, fieldSelector: $"metadata.name={service}", cancellationToken: cancellation).ConfigureAwait(false)).Items.FirstOrDefault();
        return found?.Spec.Selector is not { Count: > 0 } selector ? []
            : [.. (await session.Api.CoreV1.ListNamespacedPodAsync(ns, labelSelector: string.Join(',', selector.Select(label => $"{label.Key}={label.Value}")), cancellationToken: cancellation).ConfigureAwait(false)).Items];
    }

    private async Task<Check> BackendAsync(WayIn way, string ns, string fromNamespace, string fromName, CancellationToken cancellation)
    {
        var name = $"IngressBackend {ns}/{way.Backend}";
        var found = await new ClusterKinds(session).ReadAsync($"apis/{MeshNames.PolicyGroup}/v1alpha1/namespaces/{ns}/ingressbackends/{way.Backend}", cancellation).ConfigureAwait(false);
        if (found is null)
        {
            return new($"{name} is there", CheckStatus.Failure, "there is none", "create it: it says who outside the mesh may reach which port of which Service");
        }

        JsonNode[] backends = [.. (found["spec"]?["backends"]?.AsArray() ?? []).Select(item => item!)], sources = [.. (found["spec"]?["sources"]?.AsArray() ?? []).Select(item => item!)];
        var fits = backends.Any(backend => $"{backend["name"]}" == way.ToService && (int?)backend["port"]?["number"] == way.Port && $"{backend["port"]?["protocol"]}" == way.Protocol);
        return Check.All($"{name} lets it in",
        [
            Check.Of($"It has Service {way.ToService}, port {way.Port}, protocol {way.Protocol} as a backend", fits, "it has not", $"add it to spec.backends; the port is the pod's, not the Service's"),
            sources.Length == 0 ? new("It names who may come", CheckStatus.Failure, "it has no sources, so that everybody or nobody is meant", "name them in spec.sources")
                : Check.Of($"It names Service {way.FromService} as a source", sources.Any(source => $"{source["kind"]}" == "Service" && $"{source["name"]}" == fromName && $"{source["namespace"]}" == fromNamespace), "it does not", "add it to spec.sources"),
        ]);
    }
}
