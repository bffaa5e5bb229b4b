using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// The pods of the mesh, reduced to what policy depends on: who runs with which labels. Pods that only repeat a shape change
/// nothing here, so scaling a workload leaves policy equal.
/// </summary>
internal sealed class WorkloadIndex
{
    private readonly ILookup<string, Shape> _byNamespace;

    private WorkloadIndex(ILookup<string, Shape> byNamespace) => _byNamespace = byNamespace;

    public static WorkloadIndex Of(ResourceSnapshot snapshot, MonitoredNamespaces namespaces, string trustDomain)
        => new(namespaces.All<Pod>(snapshot)
            .Select(pod => Shape.Of(pod, trustDomain))
            .Distinct()
            .ToLookup(shape => shape.Identity.Namespace, StringComparer.Ordinal));

    /// <summary>The identities of the pods a service selects. Only its own namespace counts.</summary>
    public EquatableArray<WorkloadIdentity> Behind(Service service) => [.. Selected(service).Select(shape => shape.Identity).Distinct().Order()];

    /// <summary>Numbers that a named container port has in the pods a service selects, smallest first.</summary>
    public IReadOnlyList<int> NamedPort(Service service, string name)
        => [.. Selected(service)
            .SelectMany(shape => shape.Ports)
            .Where(port => string.Equals(port.Name, name, StringComparison.Ordinal))
            .Select(port => port.Port)
            .Distinct()
            .Order()];

    private IEnumerable<Shape> Selected(Service service)
        => _byNamespace[service.Metadata.Namespace].Where(shape => service.Selector.Selects(shape.Labels));

    /// <summary>What policy depends on about a pod.</summary>
    internal sealed record Shape(WorkloadIdentity Identity, LabelSet Labels, EquatableArray<ContainerPort> Ports)
    {
        public static Shape Of(Pod pod, string trustDomain)
            => new(new(trustDomain, pod.Metadata.Namespace, pod.ServiceAccount), pod.Metadata.Labels,
                pod.Containers.SelectMany(container => container.Ports).Where(port => port.Name.Length > 0).ToEquatableArray());
    }
}
