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
                Pod => readByPlugins?.Contains(nameof(Pod)) == true,
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

        concerned.UnionWith(OtherShapes(changes.Differences));
        concerned.UnionWith(changedServices.Where(service => ChangesNames(service, changes.Snapshot, before[service], after[service])).Select(service => service.Namespace));
        return concerned;
    }

    // Where there is a shape more or less once all is counted: a pod in the place of another changes nothing.
    private IEnumerable<string> OtherShapes(IEnumerable<ResourceDifference> differences)
    {
        var steps = new Dictionary<WorkloadIndex.Shape, int>();
        foreach (var difference in differences)
        {
            Count(difference.Before as Pod, -1);
            Count(difference.After as Pod, 1);
        }

        foreach (var (shape, step) in steps)
        {
            var before = _shapes.GetValueOrDefault(shape);
            if (before + step == 0)
            {
                _shapes.Remove(shape);
            }
            else
            {
                _shapes[shape] = before + step;
            }

            if (before == 0 != (before + step == 0))
            {
                yield return shape.Identity.Namespace;
            }
        }

        void Count(Pod? pod, int step)
        {
            if (pod is not null)
            {
                var shape = WorkloadIndex.Shape.Of(pod, options.TrustDomain);
                steps[shape] = steps.GetValueOrDefault(shape) + step;
            }
        }
    }

    // Target ports are part of names; a headless service's addresses and members are part of policy.
    private static bool ChangesNames(ServiceKey key, ResourceSnapshot snapshot, ServiceEndpoints before, ServiceEndpoints after)
        => before.Ports != after.Ports
            || (snapshot.Find<Service>(new(nameof(Service), key.Namespace, key.Name)) is { ClusterAddresses.IsEmpty: true } && before != after);
}
