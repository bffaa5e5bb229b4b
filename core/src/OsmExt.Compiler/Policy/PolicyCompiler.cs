using System.Collections.Immutable;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy.Incremental;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// Turns the mesh's objects into its policy. Pure: the same snapshot gives the same mesh and the same findings, in whatever
/// order the objects were read and whatever was compiled before.
/// </summary>
internal static class PolicyCompiler
{
    /// <param name="snapshot">Every object.</param>
    /// <param name="endpoints">The endpoints of the same snapshot; of them only target ports and headless services' addresses count.</param>
    /// <param name="options">What the operator decides.</param>
    /// <param name="memo">
    /// What an earlier compilation worked out. What has the same inputs is taken from it, and what came out equal, so that whoever compares sees at once that it is.
    /// </param>
    /// <param name="inForce">
    /// The trust domains in force; without them those the objects ask for in the end, as a mesh has that has got there.
    /// </param>
    public static CompiledMesh Compile(
        ResourceSnapshot snapshot, EndpointTable endpoints, CompilerOptions options, PolicyMemo? memo = null, TrustDomains? inForce = null)
    {
        var diagnostics = new DiagnosticBag();
        var monitored = MonitoredNamespaces.Of(snapshot, options);
        monitored.ReportOutsiders(snapshot, options, diagnostics);
        var roots = RootIntentReader.Read(snapshot, options, diagnostics);
        var settings = MeshSettingsReader.Read(snapshot, options, diagnostics) with
        {
            TrustDomains = inForce ?? new(roots?.TrustDomains ?? [options.TrustDomain]),
        };

        var known = memo?.ByName();
        (string Namespace, NamespacePolicy Policy)[] namespaces
            = [.. monitored.Names.Select(ns => (ns, NamespacePolicy.Begin(ns, snapshot, endpoints, options.TrustDomain, known?.GetValueOrDefault(ns))))];
        var claims = Remembered<PolicyMemo.AddressInput, PolicyMemo.Addresses>.Of(
            memo?.Claims, new([.. namespaces.Select(ns => ns.Policy.Plain.Value.All)], [.. namespaces.Select(ns => ns.Policy.Plain.Value.Claims)]), PolicyMemo.Addresses.Of);
        for (var index = 0; index < namespaces.Length; index++)
        {
            var (ns, begun) = namespaces[index];
            namespaces[index] = (ns, begun.End(ns, snapshot, claims.Value.Losses.GetValueOrDefault(ns), settings.Permissive));
        }

        var callers = Remembered<PolicyMemo.CallersInput, MeshCallers>.Of(memo?.Callers, new([.. namespaces.Select(ns => ns.Policy.Access.Value.Callers)]),
            (input, before) => MeshCallers.Of(input.Namespaces, before, memo?.Callers.Input.Namespaces ?? []));
        EquatableArray<ImmutableSortedDictionary<ResourceKey, Resource>> retrying = [.. namespaces.Select(ns => snapshot.In<Retry>(ns.Namespace)).Where(table => !table.IsEmpty)];
        var retries = Remembered<Retries.Input, Retries>.Of(memo?.Retries,
            new(settings.RetryPolicy, settings.TrustDomain, retrying, retrying.IsEmpty ? [] : [.. namespaces.Select(ns => ns.Policy.Plain.Value.All)]), Retries.Of);
        var mesh = new Mesh(settings)
        {
            Services = Together(namespaces, ns => ns.Traffic!.Value.Services, memo, memo?.Mesh.Services ?? []),
            Inbound = Together(namespaces, ns => ns.Access.Value.Inbound, memo, memo?.Mesh.Inbound ?? []),
            Outbound = callers.Value.Policies,
            Retries = retries.Value.Rules,
            Roots = roots,
        };
        mesh = mesh == memo?.Mesh ? memo.Mesh : mesh;
        var findings = diagnostics.Sorted().Concat(claims.Value.Findings).Concat(retries.Value.Findings).Concat(namespaces.SelectMany(ns => Findings(ns.Policy)));
        return new(mesh, Located(findings, snapshot)) { Memo = new(mesh, [.. namespaces], claims, retries, callers) };
    }

    // Namespaces in order, and each sorted, are sorted together.
    private static EquatableArray<T> Together<T>(
        (string Namespace, NamespacePolicy Policy)[] namespaces, Func<NamespacePolicy, T[]> part, PolicyMemo? memo, EquatableArray<T> before)
    {
        if (memo is not null && memo.Namespaces.Length == namespaces.Length && namespaces.Zip(memo.Namespaces).All(pair => ReferenceEquals(part(pair.First.Policy), part(pair.Second.Policy))))
        {
            return before;
        }

        return namespaces.SelectMany(ns => part(ns.Policy)).ToEquatableArray();
    }

    private static IEnumerable<Diagnostic> Findings(NamespacePolicy ns)
        => ns.Plain.Value.Findings.Concat(ns.Traffic!.Value.Findings).Concat(ns.Access.Value.Findings).Concat(ns.Review!.Value.Findings);

    // Where objects are is no input of any piece: they can move within a file without changing.
    private static EquatableArray<Diagnostic> Located(IEnumerable<Diagnostic> findings, ResourceSnapshot snapshot)
        => new SortedSet<Diagnostic>(findings.Select(finding => finding.Object is { } about && snapshot.LocationOf(about) is { } place ? finding with { Location = place } : finding)).ToEquatableArray();
}

/// <summary>What compiling gives.</summary>
/// <param name="Mesh">The policy.</param>
/// <param name="Diagnostics">What was refused, ignored or doubtful, sorted.</param>
internal sealed record CompiledMesh(Mesh Mesh, EquatableArray<Diagnostic> Diagnostics)
{
    /// <summary>For the next compilation; null where somebody made another mesh of it.</summary>
    public PolicyMemo? Memo { get; init; }
}
