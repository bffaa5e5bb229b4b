using k8s;
using k8s.Models;

namespace OsmExt.Node.Controllers;

/// <summary>An EndpointSlice for every service that selects pods.</summary>
internal static class EndpointController
{
    private const string ServiceName = "kubernetes.io/service-name";
    private const string ManagedBy = "endpointslice.kubernetes.io/managed-by";
    private const string Own = "osm-node";

    public static async Task FollowAsync(IKubernetes api, ClusterView view, CancellationToken cancellation)
    {
        foreach (var service in view.Services.Where(service => service.Spec.Selector is { Count: > 0 } && service.Metadata.DeletionTimestamp is null))
        {
            var wanted = SliceOf(service, [.. view.Pods.Where(pod => pod.Metadata.NamespaceProperty == service.Metadata.NamespaceProperty && ClusterView.Selects(service.Spec.Selector, pod))]);
            var there = view.Slices.FirstOrDefault(slice => slice.Metadata.NamespaceProperty == service.Metadata.NamespaceProperty && slice.Metadata.Name == wanted.Metadata.Name);
            if (there is null)
            {
                await api.DiscoveryV1.CreateNamespacedEndpointSliceAsync(wanted, service.Metadata.NamespaceProperty, cancellationToken: cancellation);
            }
            else if (Text(there) != Text(wanted))
            {
                wanted.Metadata.ResourceVersion = there.Metadata.ResourceVersion;
                await api.DiscoveryV1.ReplaceNamespacedEndpointSliceAsync(wanted, wanted.Metadata.Name, service.Metadata.NamespaceProperty, cancellationToken: cancellation);
            }
        }
    }

    private static string Text(V1EndpointSlice slice) => $"{KubernetesJson.Serialize(slice.Ports)}{KubernetesJson.Serialize(slice.Endpoints)}";

    private static V1EndpointSlice SliceOf(V1Service service, V1Pod[] pods) => new()
    {
        ApiVersion = "discovery.k8s.io/v1", Kind = "EndpointSlice",
        Metadata = new()
        {
            Name = $"{service.Metadata.Name}-pods", NamespaceProperty = service.Metadata.NamespaceProperty,
            Labels = new Dictionary<string, string> { [ServiceName] = service.Metadata.Name, [ManagedBy] = Own },
            OwnerReferences = [ClusterView.OwnerOf(service, "v1", "Service")],
        },
        AddressType = "IPv4",
        Ports = [.. service.Spec.Ports.Select(port => new Discoveryv1EndpointPort { Name = port.Name ?? "", Port = Target(port, pods), Protocol = port.Protocol ?? "TCP" })],
        Endpoints =
        [
            .. pods.Where(pod => pod.Status?.PodIP is { Length: > 0 } && pod.Status.Phase is not ("Failed" or "Succeeded"))
                .OrderBy(pod => pod.Metadata.Name, StringComparer.Ordinal)
                .Select(pod => new V1Endpoint
                {
                    Addresses = [pod.Status.PodIP],
                    Conditions = new()
                    {
                        Ready = ClusterView.IsReady(pod) || (service.Spec.PublishNotReadyAddresses == true && pod.Metadata.DeletionTimestamp is null),
                        Serving = pod.Status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true, Terminating = pod.Metadata.DeletionTimestamp is not null,
                    },
                    TargetRef = new() { Kind = "Pod", Name = pod.Metadata.Name, NamespaceProperty = pod.Metadata.NamespaceProperty, Uid = pod.Metadata.Uid },
                }),
        ],
    };

    private static int Target(V1ServicePort port, V1Pod[] pods) => port.TargetPort is not { Value: { } target } ? port.Port
        : int.TryParse(target, out var number) ? number
        : pods.SelectMany(pod => pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? [])).SelectMany(container => container.Ports ?? []).FirstOrDefault(known => known.Name == target)?.ContainerPort ?? port.Port;
}
