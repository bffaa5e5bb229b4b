using OsmExt.Compiler.Endpoints;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// Turns the mesh's objects into its policy. Pure: the same snapshot gives the same mesh and the same findings, in whatever
/// order the objects were read.
/// </summary>
internal static class PolicyCompiler
{
    /// <param name="snapshot">Every object.</param>
    /// <param name="endpoints">The endpoints of the same snapshot; of them only target ports and headless services' addresses count.</param>
    /// <param name="options">What the operator decides.</param>
    /// <param name="previous">
    /// An earlier result. Services that came out equal are taken from it, so that whoever compares sees at once that they are.
    /// </param>
    /// <param name="inForce">
    /// The trust domains in force; without them those the objects ask for in the end, as a mesh has that has got there.
    /// </param>
    public static CompiledMesh Compile(
        ResourceSnapshot snapshot, EndpointTable endpoints, CompilerOptions options, Mesh? previous = null, TrustDomains? inForce = null)
    {
        var diagnostics = new DiagnosticBag(snapshot);
        var namespaces = MonitoredNamespaces.Of(snapshot, options);
        namespaces.ReportOutsiders(snapshot, options, diagnostics);
        var roots = RootIntentReader.Read(snapshot, options, diagnostics);
        var settings = MeshSettingsReader.Read(snapshot, options, diagnostics) with
        {
            TrustDomains = inForce ?? new(roots?.TrustDomains ?? [options.TrustDomain]),
        };
        var workloads = WorkloadIndex.Of(snapshot, namespaces, options.TrustDomain);
        var plain = new ServiceModel(snapshot, namespaces, workloads, endpoints, diagnostics).All();
        var services = UpstreamPolicies.Apply(TrafficSplits.Apply(plain, snapshot, namespaces, diagnostics), snapshot, namespaces, diagnostics);
        var mesh = new AccessPolicies(snapshot, namespaces, options.TrustDomain, diagnostics).Into(new(settings)
        {
            Services = Intern(services, previous),
            Retries = Retries.Of(snapshot, namespaces, settings, services, diagnostics),
            Roots = roots,
        });
        PolicyReview.Report(mesh, snapshot, diagnostics);
        return new(mesh == previous ? previous : mesh, diagnostics.Sorted());
    }

    /// <summary>The services; those that are equal to earlier ones are these.</summary>
    internal static EquatableArray<MeshService> Intern(IReadOnlyList<MeshService> services, Mesh? previous)
    {
        if (previous is null)
        {
            return services.ToEquatableArray();
        }

        var known = previous.Services.ToDictionary(service => (service.Name, service.Port));
        return [.. services.Select(service => known.TryGetValue((service.Name, service.Port), out var before) && before == service ? before : service)];
    }
}

/// <summary>What compiling gives.</summary>
/// <param name="Mesh">The policy.</param>
/// <param name="Diagnostics">What was refused, ignored or doubtful, sorted.</param>
internal sealed record CompiledMesh(Mesh Mesh, EquatableArray<Diagnostic> Diagnostics);
