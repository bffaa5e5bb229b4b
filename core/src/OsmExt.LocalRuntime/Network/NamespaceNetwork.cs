using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using OsmExt.DataPlane.Entry;
using OsmExt.Interception;
using OsmExt.LocalRuntime.Pods;
using OsmExt.LocalRuntime.State;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime.Network;

/// <summary>Network namespaces: nothing leaves or enters a pod past its sidecar, whatever the program is. Needs root.</summary>
[SupportedOSPlatform("linux")]
internal sealed class NamespaceNetwork(LocalMeshOptions options, RunJournal journal) : IMeshNetwork
{
    private readonly NodeNetwork _node = new(options, journal);

    public string? NodeNamespace => _node.Name;

    public Task CreateAsync(CancellationToken cancellation) => _node.CreateAsync(cancellation);

    public async Task AddPodAsync(PodPlan pod, ServiceTable services, CancellationToken cancellation)
    {
        if (pod.HostNetwork)
        {
            return;
        }

        await _node.AddPodAsync(pod, cancellation).ConfigureAwait(false);
        SetHosts(pod, services);
        if (pod.Sidecar is not { } sidecar)
        {
            return;
        }

        foreach (var family in pod.HasIpv6 ? (AddressFamily[])[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6] : [AddressFamily.InterNetwork])
        {
            await NetworkNamespaces.AddRulesAsync(pod.NetworkNamespace!, family, InterceptionRules.For(sidecar.Interception, family), cancellation)
                .ConfigureAwait(false);
        }
    }

    public Task RemovePodAsync(PodPlan pod, CancellationToken cancellation) => pod.HostNetwork ? Task.CompletedTask : _node.RemovePodAsync(pod, cancellation);

    public async Task SetServicesAsync(ServiceTable services, IReadOnlyList<PodPlan> pods, CancellationToken cancellation)
    {
        await _node.SetServicesAsync(services, cancellation).ConfigureAwait(false);
        NetworkNamespaces.SetHosts(_node.Name, HostsFile.For(services, "", "node", [IPAddress.Parse(options.NodeAddress)]));
        foreach (var pod in pods.Where(pod => !pod.HostNetwork))
        {
            SetHosts(pod, services);
        }
    }

    public Task DeleteAsync(CancellationToken cancellation) => _node.DeleteAsync(cancellation);

    public IReadOnlyList<string> SidecarArguments(PodPlan pod) => [];

    public LabelSet Environment(PodPlan pod, LabelSet own) => own;

    public LoopbackPod? PlaceOf(ResourceKey pod) => null;

    private static void SetHosts(PodPlan pod, ServiceTable services)
        => NetworkNamespaces.SetHosts(pod.NetworkNamespace!, HostsFile.For(services, pod.Key.Namespace, pod.HostName, pod.Addresses));
}
