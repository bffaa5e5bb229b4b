using System.Collections.Immutable;
using OsmExt.Compiler.Policy.Incremental;
using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Endpoints;

/// <summary>
/// Findings that change with every pod: services nobody serves. Apart from policy, so that a pod coming or going recompiles none; and by namespace, so that it looks at the
/// services beside that pod only.
/// </summary>
internal sealed class EndpointReview
{
    private readonly ImmutableArray<Remembered<Input, Found>> _namespaces;

    private EndpointReview(ImmutableArray<Remembered<Input, Found>> namespaces, EquatableArray<Diagnostic> findings) => (_namespaces, Findings) = (namespaces, findings);

    /// <summary>What was found, sorted.</summary>
    public EquatableArray<Diagnostic> Findings { get; }

    /// <param name="index">The mesh.</param>
    /// <param name="endpoints">Who serves what.</param>
    /// <param name="snapshot">The objects.</param>
    /// <param name="before">An earlier review; what it looked at and is the same it need not look at again.</param>
    public static EndpointReview Of(MeshIndex index, EndpointTable endpoints, ResourceSnapshot snapshot, EndpointReview? before = null)
    {
        var known = before?._namespaces.ToDictionary(entry => entry.Input.Services.Namespace, StringComparer.Ordinal);
        ImmutableArray<Remembered<Input, Found>> namespaces =
        [
            .. index.Namespaces.Select(ns => Remembered<Input, Found>.Of(known?.GetValueOrDefault(ns.Namespace), new(ns, endpoints.In(ns.Namespace), snapshot.In<Service>(ns.Namespace)), static (input, _) => Look(input))),
        ];
        var found = namespaces.SelectMany(ns => ns.Value.Findings).Select(finding => finding with { Location = snapshot.LocationOf(finding.Object!.Value) });
        return new(namespaces, new SortedSet<Diagnostic>(found).ToEquatableArray());
    }

    private static Found Look(Input input)
    {
        var diagnostics = new DiagnosticBag();
        foreach (var group in input.Services.Services.Where(service => service.Name.Subdomain.Length == 0 && !service.IsSplit).GroupBy(service => service.Name))
        {
            var endpoints = input.Endpoints.GetValueOrDefault(ServiceKey.Of(group.Key), ServiceEndpoints.None);
            var idle = group.Where(service => !endpoints.For(service.PortName).Any()).Select(service => service.Port).ToArray();
            if (idle.Length > 0 && input.Objects.GetValueOrDefault(new(nameof(Service), group.Key.Namespace, group.Key.Name)) is Service { Selector.IsEmpty: false } written)
            {
                diagnostics.Note(DiagnosticCodes.NoEndpoints, written, "spec.selector",
                    $"port {string.Join(", ", idle)} has no ready endpoints, so what is sent there fails", "Start a pod that the selector picks, or see why none is ready");
            }
        }

        return new(diagnostics.Sorted());
    }

    // All that is looked at of a namespace, by reference.
    private readonly record struct Input(
        NamespaceIndex Services, ImmutableDictionary<ServiceKey, ServiceEndpoints> Endpoints, ImmutableSortedDictionary<ResourceKey, Resource> Objects);

    private sealed record Found(EquatableArray<Diagnostic> Findings);
}
