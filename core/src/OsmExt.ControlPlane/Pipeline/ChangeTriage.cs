using OsmExt.Compiler;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Pipeline;

/// <summary>
/// Decides whether changes concern policy at all. Pods that repeat a shape already there, and endpoints that move behind an
/// unchanged target port, do not, unless a plugin reads such objects; they are by far the most frequent changes.
/// </summary>
internal sealed class ChangeTriage(CompilerOptions options)
{
    private readonly Dictionary<WorkloadIndex.Shape, int> _shapes = [];

    /// <summary>
    /// Must be told of every change, since it counts; answers for which namespaces' sake policy has to be compiled again. What is
    /// of no namespace counts as one called "", and a namespace itself as its own.
    /// </summary>
    public IReadOnlyCollection<string> ConcernPolicy(PendingChanges changes, EndpointTable before, EndpointTable after, IReadOnlySet<ServiceKey> changedServices,
        IReadOnlySet<string>? readByPlugins = null)
    {
        var concerned = new HashSet<string>(StringComparer.Ordinal);
        var namers = new Lazy<HashSet<string>>(() => changes.Snapshot.All<PluginResource>().Select(resource => resource.Metadata.Namespace).ToHashSet(StringComparer.Ordinal));
        foreach (var difference in changes.Differences)
        {
            var concerns = (difference.Before ?? difference.After) switch
            {
                Pod => NewShapes(difference.Before as Pod, difference.After as Pod) | (readByPlugins?.Contains(nameof(Pod)) == true),
                EndpointSlice => readByPlugins?.Contains(nameof(EndpointSlice)) == true,
                // Secrets are named by objects of plugins' kinds in their own namespace, and by nobody else.
                Secret => namers.Value.Contains(difference.Key.Namespace),
                _ => true,
            };
            if (concerns)
            {
                concerned.Add(difference.Key.Kind == nameof(Namespace) ? difference.Key.Name : difference.Key.Namespace);
            }
        }

        concerned.UnionWith(changedServices.Where(service => ChangesNames(service, changes.Snapshot, before[service], after[service])).Select(service => service.Namespace));
        return concerned;
    }

    private bool NewShapes(Pod? before, Pod? after)
    {
        var (old, now) = (ShapeOf(before), ShapeOf(after));
        if (old == now)
        {
            return false;
        }

        return (old is not null && Count(old, -1) == 0) | (now is not null && Count(now, 1) == 1);
    }

    private WorkloadIndex.Shape? ShapeOf(Pod? pod) => pod is null ? null : WorkloadIndex.Shape.Of(pod, options.TrustDomain);

    private int Count(WorkloadIndex.Shape shape, int step)
    {
        var count = _shapes.GetValueOrDefault(shape) + step;
        if (count == 0)
        {
            _shapes.Remove(shape);
        }
        else
        {
            _shapes[shape] = count;
        }

        return count;
    }

    // Target ports are part of names; a headless service's addresses and members are part of policy.
    private static bool ChangesNames(ServiceKey key, ResourceSnapshot snapshot, ServiceEndpoints before, ServiceEndpoints after)
        => before.Ports != after.Ports
            || (snapshot.Find<Service>(new(nameof(Service), key.Namespace, key.Name)) is { ClusterAddresses.IsEmpty: true } && before != after);
}
