using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Policy;

/// <summary>Finds the services that a split names, whoever says that there is one.</summary>
internal sealed class SplitBackends(IEnumerable<MeshService> services)
{
    /// <summary>What to do about a split that cannot be carried out.</summary>
    public const string GiveWeight = "Give at least one existing backend a weight above 0";

    private readonly Dictionary<(string Namespace, string Name), MeshService[]> _services = services.Where(service => service.Name.Subdomain.Length == 0)
        .GroupBy(service => (service.Name.Namespace, service.Name.Name)).ToDictionary(group => group.Key, group => group.ToArray());

    /// <summary>The ports of a service; null when the mesh carries none of that name.</summary>
    public MeshService[]? Ports(string ns, string name) => _services.GetValueOrDefault((ns, name));

    /// <summary>What there is of a name that a root's split gives as a backend.</summary>
    public BackendCandidate CandidateFor(MeshService root, string name)
        => Ports(root.Name.Namespace, name) is { } ports ? new(true, Array.Find(ports, service => service.Port == root.Port)) : default;

    /// <summary>The backends of a root's port, in the order written. What can get nothing of it is left out.</summary>
    /// <param name="root">Whose traffic is split.</param>
    /// <param name="written">Services of its namespace, and their weights.</param>
    /// <param name="report">Takes what is wrong with one of them.</param>
    public EquatableArray<WeightedBackend> Of(MeshService root, IEnumerable<(string Service, int Weight)> written, Action<BackendFinding> report)
        => Of(root, written.Select(backend => (CandidateFor(root, backend.Service), backend.Service, backend.Weight)), report);

    /// <summary>The same where it is known what there is of each name.</summary>
    public static EquatableArray<WeightedBackend> Of(MeshService root, IEnumerable<(BackendCandidate Candidate, string Service, int Weight)> written, Action<BackendFinding> report)
    {
        var merged = new List<WeightedBackend>();
        foreach (var (index, (candidate, name, weight)) in written.Index())
        {
            var found = candidate.AtPort;
            if (found is null || found.Protocol.IsHttp() != root.Protocol.IsHttp())
            {
                report(NoBackend(index, root, name, candidate));
                continue;
            }

            var earlier = merged.FindIndex(backend => backend.Service == found.Name);
            if (earlier >= 0)
            {
                report(new(DiagnosticCodes.Conflict, index, $"backend {name} is listed twice; its weights are added", "List every backend once"));
                merged[earlier] = merged[earlier] with { Weight = merged[earlier].Weight + weight };
                continue;
            }

            merged.Add(new(found.Name, found.Port, found.TargetPort, weight));
        }

        return [.. merged];
    }

    /// <summary>Why a root's port is not split among these; null when it can be.</summary>
    public static string? Unusable(MeshService root, EquatableArray<WeightedBackend> backends)
        => backends.Sum(backend => (long)backend.Weight) is var total && total is >= 1 and <= uint.MaxValue ? null
            : backends.IsEmpty ? $"no backend can take port {root.Port}, so traffic goes to {root.Name} itself"
            : $"the weights for port {root.Port} add up to {total}, so traffic goes to {root.Name} itself";

    /// <summary>The same services, each told under which other names it is called: those of roots that are split, and what else leads to it.</summary>
    /// <param name="services">The services.</param>
    /// <param name="others">Services that requests to another root are sent to, and that root.</param>
    public static IReadOnlyList<MeshService> Introduced(IReadOnlyList<MeshService> services, IEnumerable<(ServiceName Service, int Port, SplitRoot Root)>? others = null)
    {
        var roots = RootsOf(services, others);
        return roots.Count == 0 ? services : [.. services.Select(service => NamesOf(service, roots) is { IsEmpty: false } names ? service with { SplitRoots = names } : service)];
    }

    /// <summary>Which roots send traffic to which services.</summary>
    public static ILookup<(ServiceName Service, int Port), SplitRoot> RootsOf(IEnumerable<MeshService> services, IEnumerable<(ServiceName Service, int Port, SplitRoot Root)>? others = null)
        => services.Where(root => root.IsSplit).SelectMany(root => root.Backends.Select(backend => (backend.Service, backend.Port, Root: new SplitRoot(root.Name, root.Port))))
            .Concat(others ?? []).Where(entry => entry.Service != entry.Root.Service).ToLookup(entry => (entry.Service, entry.Port), entry => entry.Root);

    /// <summary>The roots under whose names a service is called too, sorted.</summary>
    public static EquatableArray<SplitRoot> NamesOf(MeshService service, ILookup<(ServiceName Service, int Port), SplitRoot> roots)
        => roots.Contains((service.Name, service.Port)) ? [.. roots[(service.Name, service.Port)].Distinct().OrderBy(root => root.Service).ThenBy(root => root.Port)] : [];

    private static BackendFinding NoBackend(int index, MeshService root, string name, BackendCandidate candidate)
    {
        var problem = !candidate.Exists ? $"there is no service {root.Name.Namespace}/{name} that the mesh carries"
            : candidate.AtPort is not { } found ? $"service {name} has no port {root.Port}, which the root has"
            : $"port {root.Port} of {name} is {found.Protocol.Name()} and the root's is {root.Protocol.Name()}";
        return new(!candidate.Exists ? DiagnosticCodes.DanglingReference : DiagnosticCodes.SplitNotApplied, index, $"{problem}, so this backend gets nothing of port {root.Port}",
            !candidate.Exists ? "Create the Service, or correct its name" : "Give the backend the root's port, with the same protocol");
    }
}

/// <summary>What is wrong with a backend.</summary>
/// <param name="Code">The kind of finding.</param>
/// <param name="Index">Its place in the list.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Advice">What to do.</param>
internal sealed record BackendFinding(string Code, int Index, string Problem, string Advice);

/// <summary>What there is of a backend's name.</summary>
/// <param name="Exists">Whether the mesh carries a service of that name.</param>
/// <param name="AtPort">Its port with the root's number; null for none.</param>
internal readonly record struct BackendCandidate(bool Exists, MeshService? AtPort);
