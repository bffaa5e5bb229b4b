using OsmExt.Cli.Clusters;
using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;

namespace OsmExt.Cli.Verification;

/// <summary>What is looked at to tell whether a pod gets through to another, or to the world outside the mesh.</summary>
/// <param name="session">The cluster.</param>
/// <param name="mesh">The mesh's name.</param>
/// <param name="policy">What the mesh's objects mean.</param>
internal sealed class ConnectivityChecks(ClusterSession session, string mesh, PodPolicy policy)
{
    private readonly PodChecks _pods = new(session, mesh);

    /// <summary>From pod to pod by a Service.</summary>
    public async Task<Check> ToPodAsync(string from, string to, string service, SimulatedProtocol protocol, CancellationToken cancellation)
    {
        var basis = await BasisAsync([from, to], cancellation).ConfigureAwait(false);
        var host = $"{service}.{to.Split('/')[0]}";
        var ports = policy.Simulated.Services.FirstOrDefault(each => $"{each.Name}.{each.Namespace}" == host)?.Ports.Select(port => port.Port).ToArray() ?? [];
        basis.Add(Check.Of($"Service {host} has ports", ports.Length > 0, "there is no such Service, or it has no port over TCP", $"kubectl get service -n {to.Split('/')[0]} lists Services"));
        if (ports.Length > 0 && basis.All(check => check.Status != CheckStatus.Failure))
        {
            basis.AddRange(await RunningAsync([from, to], ports.Select(port => new RequestText(from, host, port) { Protocol = protocol }), $"osm policy check-pods {from} {to} says which object decides", cancellation).ConfigureAwait(false));
        }

        return Check.All($"{from} gets through to {to} by Service {service}", basis);
    }

    /// <summary>From a pod to a host outside the mesh.</summary>
    public async Task<Check> ToOutsideAsync(string from, string host, int port, SimulatedProtocol protocol, CancellationToken cancellation)
    {
        var basis = await BasisAsync([from], cancellation).ConfigureAwait(false);
        if (basis.All(check => check.Status != CheckStatus.Failure))
        {
            basis.AddRange(await RunningAsync([from], [new(from, host, port) { Protocol = protocol }],
                "write an Egress for the pod's service account with this host and port, or set spec.traffic.enableEgress of the MeshConfig, which opens everything", cancellation).ConfigureAwait(false));
        }

        return Check.All($"{from} gets through to {host}:{port} outside the mesh", basis);
    }

    private async Task<List<Check>> BasisAsync(string[] pods, CancellationToken cancellation)
    {
        var checks = new List<Check>();
        foreach (var ns in pods.Select(pod => pod.Split('/')[0]).Distinct())
        {
            checks.Add(await _pods.MonitoredAsync(ns, cancellation).ConfigureAwait(false));
        }

        foreach (var name in pods)
        {
            var (pod, check) = await _pods.FindAsync(name, cancellation).ConfigureAwait(false);
            checks.Add(check);
            if (pod is not null)
            {
                checks.Add(PodChecks.Sidecar(pod, wanted: true));
            }
        }

        if (checks.All(check => check.Status != CheckStatus.Failure))
        {
            checks.Add(await _pods.InSyncAsync(pods, cancellation).ConfigureAwait(false));
        }

        return checks;
    }

    private async Task<IEnumerable<Check>> RunningAsync(string[] pods, IEnumerable<RequestText> requests, string suggestion, CancellationToken cancellation)
    {
        var (running, read) = await RunningConfigurations.ReadAsync(session, policy.Simulated, pods, cancellation).ConfigureAwait(false);
        return running is null ? [read] : [read, .. requests.Select(request => RunningConfigurations.Decide(running, request, suggestion))];
    }
}
