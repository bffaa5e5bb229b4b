using System.Collections.Immutable;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy.Incremental;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>The services of a namespace as their objects and pods have them, before anything else is written about them.</summary>
/// <param name="All">Every service port, sorted.</param>
/// <param name="Claims">The objects they come from, sorted.</param>
/// <param name="Findings">What is wrong with these.</param>
/// <param name="Made">What was made of each.</param>
internal sealed record NamespaceServices(
    MeshService[] All, Service[] Claims, Diagnostic[] Findings, ObjectMemo<Service, NamespaceServices.Behind, NamespaceServices.OfOne> Made)
{
    /// <summary>All that they are made from.</summary>
    internal readonly record struct Input(
        ImmutableSortedDictionary<ResourceKey, Resource> Services, ImmutableDictionary<ServiceKey, ServiceEndpoints> Endpoints, WorkloadIndex Workloads);

    /// <summary>What is behind one Service.</summary>
    internal readonly record struct Behind(ServiceEndpoints Endpoints, EquatableArray<WorkloadIndex.Shape> Selected);

    /// <summary>What one Service gives.</summary>
    internal sealed record OfOne(EquatableArray<MeshService> Ports, EquatableArray<Diagnostic> Findings);
}
