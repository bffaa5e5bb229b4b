using System.Collections.Immutable;
using OsmExt.Compiler.Policy.Incremental;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// The pods of a namespace, reduced to what policy depends on: who runs with which labels. Pods that only repeat a shape change
/// nothing here, so scaling a workload leaves policy equal.
/// </summary>
internal sealed class WorkloadIndex
{
    private readonly HashSet<Shape> _shapes;
    private readonly Dictionary<KeyValuePair<string, string>, Shape[]> _byLabel;

    private WorkloadIndex(HashSet<Shape> shapes)
    {
        _shapes = shapes;
        _byLabel = shapes.SelectMany(shape => shape.Labels.Select(label => (label, shape))).GroupBy(pair => pair.label, pair => pair.shape)
            .ToDictionary(group => group.Key, group => group.ToArray());
    }

    /// <summary>The index of a namespace's pods, which is the one before if they have the same shapes.</summary>
    public static Known Of(ImmutableSortedDictionary<ResourceKey, Resource> pods, string trustDomain, Known? before)
    {
        var made = new ObjectMemo<Pod, Domain, Shape>(before?.Pods);
        var shapes = new HashSet<Shape>();
        foreach (var (_, pod) in pods)
        {
            shapes.Add(made.Get((Pod)pod, new(trustDomain), static (of, domain) => Shape.Of(of, domain.Name)));
        }

        return new(before is not null && before.Index._shapes.SetEquals(shapes) ? before.Index : new(shapes), made.Done());
    }

    /// <summary>The shapes that a service selects.</summary>
    public EquatableArray<Shape> Selected(Service service)
    {
        // The label that the fewest have leaves the fewest to look at.
        Shape[]? fewest = null;
        foreach (var label in service.Selector)
        {
            if (!_byLabel.TryGetValue(label, out var with))
            {
                return [];
            }

            fewest = fewest is null || with.Length < fewest.Length ? with : fewest;
        }

        return fewest is null ? [] : [.. fewest.Where(shape => service.Selector.Selects(shape.Labels)).OrderBy(shape => shape.Identity)];
    }

    /// <summary>An index, and the shapes of the pods it was made from.</summary>
    internal sealed record Known(WorkloadIndex Index, ObjectMemo<Pod, Domain, Shape> Pods);

    /// <summary>In which trust domain identities are written.</summary>
    internal readonly record struct Domain(string Name);

    /// <summary>What policy depends on about a pod.</summary>
    internal sealed record Shape(WorkloadIdentity Identity, LabelSet Labels, EquatableArray<ContainerPort> Ports)
    {
        public static Shape Of(Pod pod, string trustDomain)
            => new(new(trustDomain, pod.Metadata.Namespace, pod.ServiceAccount), pod.Metadata.Labels,
                pod.Containers.SelectMany(container => container.Ports).Where(port => port.Name.Length > 0).ToEquatableArray());
    }
}
