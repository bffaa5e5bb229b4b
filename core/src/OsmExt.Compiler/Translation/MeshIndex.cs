using System.Collections.Frozen;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// A mesh with the look-ups that translation needs, so that the cost of a proxy follows what it may reach and not the mesh's size.
/// </summary>
internal sealed class MeshIndex
{
    private readonly FrozenDictionary<WorkloadIdentity, InboundPolicy> _inbound;
    private readonly FrozenDictionary<WorkloadIdentity, EquatableArray<WorkloadIdentity>> _outbound;
    private readonly ILookup<ServiceName, MeshService> _byName;
    private readonly ILookup<WorkloadIdentity, MeshService> _byIdentity;
    private readonly ILookup<ServiceName, MeshService> _rootsByBackend;
    private readonly ILookup<WorkloadIdentity, RetryRule> _retries;
    private readonly ServiceSet _everything;
    private readonly Lazy<ServiceSet> _allClusters;

    public MeshIndex(Mesh mesh)
    {
        Mesh = mesh;
        _inbound = mesh.Inbound.ToFrozenDictionary(policy => policy.Identity);
        _outbound = mesh.Outbound.ToFrozenDictionary(policy => policy.Identity, policy => policy.Destinations);
        _byName = mesh.Services.ToLookup(service => service.Name);
        _byIdentity = mesh.Services.SelectMany(service => service.Identities.Select(identity => (identity, service)))
            .ToLookup(pair => pair.identity, pair => pair.service);
        _rootsByBackend = mesh.Services.SelectMany(service => service.Backends.Select(backend => backend.Service).Distinct().Select(backend => (backend, service)))
            .ToLookup(pair => pair.backend, pair => pair.service);
        _retries = mesh.Retries.ToLookup(rule => rule.Client);
        _everything = new(mesh.Services);
        _allClusters = new(() => Clusters(_everything));
    }

    public Mesh Mesh { get; }

    /// <summary>Which requests of a client are tried again, sorted by service.</summary>
    public EquatableArray<RetryRule> Retries(WorkloadIdentity client) => [.. _retries[client]];

    /// <summary>The ports of a service, in order.</summary>
    public IEnumerable<MeshService> Named(ServiceName name) => _byName[name];

    /// <summary>What an identity accepts; nothing when no rule names it.</summary>
    public InboundPolicy Accepts(WorkloadIdentity identity) => _inbound.GetValueOrDefault(identity) ?? new(identity);

    /// <summary>Whom a client may reach, sorted; empty in permissive mode, where nobody asks.</summary>
    public EquatableArray<WorkloadIdentity> Destinations(WorkloadIdentity client)
        => Mesh.Settings.Permissive ? [] : _outbound.GetValueOrDefault(client);

    /// <summary>
    /// The services a client may call, sorted: those of the identities it may reach, and every root whose split leads to one of
    /// them, with all backends of such roots.
    /// </summary>
    public ServiceSet ReachableBy(WorkloadIdentity client)
    {
        if (Mesh.Settings.Permissive)
        {
            return _everything;
        }

        var reachable = new HashSet<MeshService>();
        foreach (var destination in Destinations(client))
        {
            foreach (var service in _byIdentity[destination])
            {
                reachable.Add(service);
                reachable.UnionWith(_rootsByBackend[service.Name].Where(root => root.Backends.Any(backend => backend.Cluster == service.Cluster)));
            }
        }

        return new([.. reachable.OrderBy(service => service.Name).ThenBy(service => service.Port)]);
    }

    /// <summary>
    /// The services whose clusters a client needs: those it may call, and the backends their splits name even where it may not
    /// call them itself; those stay without endpoints, so that a share the client may not use fails visibly.
    /// </summary>
    public ServiceSet ClustersFor(ServiceSet reachable) => ReferenceEquals(reachable, _everything) ? _allClusters.Value : Clusters(reachable);

    private ServiceSet Clusters(ServiceSet reachable)
        => new([.. reachable
            .Concat(reachable.SelectMany(root => root.Backends.SelectMany(backend => Named(backend.Service).Where(service => service.Port == backend.Port))))
            .DistinctBy(service => service.Cluster, StringComparer.Ordinal)
            .OrderBy(service => service.Cluster, StringComparer.Ordinal)]);
}
