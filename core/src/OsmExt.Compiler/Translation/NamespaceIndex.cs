using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// The services of one namespace with the look-ups that translation needs. Backends of a split are of its root's namespace, and the identities behind a service of the
/// service's, so a namespace is understood by itself.
/// </summary>
internal sealed class NamespaceIndex
{
    private readonly Dictionary<ServiceName, (int Start, int Count)> _byName = [];
    private readonly Dictionary<WorkloadIdentity, List<int>> _byIdentity = [];
    private readonly List<int>?[] _roots;
    private readonly List<int>?[] _backends;
    private readonly int[] _inClusterOrder;
    private readonly int[] _clusters;
    private Part? _everything;

    /// <param name="services">The services, sorted by name and port.</param>
    public NamespaceIndex(MeshService[] services)
    {
        Services = services;
        for (var index = 0; index < services.Length; index++)
        {
            var name = services[index].Name;
            _byName[name] = _byName.TryGetValue(name, out var range) ? (range.Start, range.Count + 1) : (index, 1);
            foreach (var identity in services[index].Identities)
            {
                if (!_byIdentity.TryGetValue(identity, out var own))
                {
                    _byIdentity[identity] = own = [];
                }

                own.Add(index);
            }
        }

        (_roots, _backends) = (new List<int>?[services.Length], new List<int>?[services.Length]);
        for (var root = 0; root < services.Length; root++)
        {
            foreach (var backend in services[root].IsSplit ? services[root].Backends : [])
            {
                Relate(root, backend);
            }
        }

        var names = Array.ConvertAll(services, service => service.Cluster);
        _inClusterOrder = [.. Enumerable.Range(0, services.Length).OrderBy(index => names[index], StringComparer.Ordinal)];
        _clusters = new int[services.Length];
        for (var at = 1; at < _inClusterOrder.Length; at++)
        {
            var (one, other) = (_inClusterOrder[at - 1], _inClusterOrder[at]);
            _clusters[other] = string.Equals(names[one], names[other], StringComparison.Ordinal) ? _clusters[one] : at;
        }
    }

    public MeshService[] Services { get; }

    public string Namespace => Services[0].Name.Namespace;

    /// <summary>All of it, with the clusters it needs.</summary>
    public Part Everything => _everything ??= PartOf(Enumerable.Repeat(true, Services.Length).ToArray());

    public ReadOnlySpan<MeshService> Named(ServiceName name) => _byName.TryGetValue(name, out var range) ? Services.AsSpan(range.Start, range.Count) : [];

    /// <summary>
    /// What a client may call that may reach these identities: their services, and every root whose split leads to one of them.
    /// </summary>
    public Part ReachableBy(ReadOnlySpan<WorkloadIdentity> destinations)
    {
        var reachable = new bool[Services.Length];
        foreach (var destination in destinations)
        {
            foreach (var service in _byIdentity.GetValueOrDefault(destination) ?? [])
            {
                reachable[service] = true;
                foreach (var root in _roots[service] ?? [])
                {
                    reachable[root] = true;
                }
            }
        }

        return PartOf(reachable);
    }

    // Backends of roots need clusters too. Of services with one cluster the first that may be called stands for it, else the first that a split names.
    private Part PartOf(bool[] reachable)
    {
        var standing = new Dictionary<int, int>();
        for (var index = 0; index < reachable.Length; index++)
        {
            if (reachable[index])
            {
                standing.TryAdd(_clusters[index], index);
            }
        }

        for (var index = 0; index < reachable.Length; index++)
        {
            foreach (var backend in reachable[index] ? _backends[index] ?? [] : [])
            {
                standing.TryAdd(_clusters[backend], backend);
            }
        }

        return new(
            [.. Services.Where((_, index) => reachable[index])],
            [.. _inClusterOrder.Where(index => standing.TryGetValue(_clusters[index], out var stands) && stands == index).Select(index => Services[index])]);
    }

    private void Relate(int root, WeightedBackend backend)
    {
        if (!_byName.TryGetValue(backend.Service, out var range))
        {
            return;
        }

        for (var index = range.Start; index < range.Start + range.Count; index++)
        {
            if (Services[index].TargetPort == backend.TargetPort)
            {
                (_roots[index] ??= []).Add(root);
            }

            if (Services[index].Port == backend.Port)
            {
                (_backends[root] ??= []).Add(index);
            }
        }
    }

    /// <summary>What a client has of a namespace.</summary>
    /// <param name="Reachable">The services it may call, in the mesh's order.</param>
    /// <param name="Clusters">The services whose clusters it needs, by the names of these.</param>
    internal sealed record Part(MeshService[] Reachable, MeshService[] Clusters);
}
