using System.Collections.Frozen;
using System.Globalization;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// Applies TrafficSplits: the root service's traffic goes to the backends by weight, and the backends learn whose name they
/// answer to. What cannot be carried out as written falls back to the root service itself and says so.
/// </summary>
internal sealed class TrafficSplits
{
    private readonly FrozenDictionary<(string Namespace, string Name), MeshService[]> _services;
    private readonly DiagnosticBag _diagnostics;
    private readonly ResourceSnapshot _snapshot;
    private readonly Dictionary<MeshService, AppliedSplit> _splits = [];
    private readonly Dictionary<MeshService, SortedSet<SplitRoot>> _roots = [];

    private TrafficSplits(IReadOnlyList<MeshService> services, ResourceSnapshot snapshot, DiagnosticBag diagnostics)
    {
        _snapshot = snapshot;
        _services = services.Where(service => service.Name.Subdomain.Length == 0)
            .GroupBy(service => (service.Name.Namespace, service.Name.Name))
            .ToFrozenDictionary(group => group.Key, group => group.ToArray());
        _diagnostics = diagnostics;
    }

    public static IReadOnlyList<MeshService> Apply(
        IReadOnlyList<MeshService> services, ResourceSnapshot snapshot, MonitoredNamespaces namespaces, DiagnosticBag diagnostics)
    {
        var splits = new TrafficSplits(services, snapshot, diagnostics);
        splits.ApplyAll(namespaces.All<TrafficSplit>(snapshot));
        return [.. services.Select(service => service with
        {
            Split = splits._splits.GetValueOrDefault(service).Backends,
            SplitMatches = splits._splits.GetValueOrDefault(service).Matches,
            SplitOrigins = splits._splits.GetValueOrDefault(service).Origins,
            SplitRoots = splits._roots.TryGetValue(service, out var roots) ? roots.ToEquatableArray() : [],
        })];
    }

    // Two splits of one root port: the older one wins, then the first by name, whatever order they were read in.
    private void ApplyAll(IEnumerable<TrafficSplit> all)
    {
        var winners = new Dictionary<MeshService, TrafficSplit>();
        foreach (var split in all.OldestFirst())
        {
            foreach (var root in RootPorts(split))
            {
                if (winners.TryAdd(root, split))
                {
                    Apply(split, root);
                    continue;
                }

                _diagnostics.Error(DiagnosticCodes.Conflict, split, "spec.service",
                    $"{winners[root].Key} already splits port {root.Port} of {root.Name.Name} and came first, so this split has no effect there",
                    "Keep one split for each root service, or for each of its ports");
            }
        }
    }

    private IEnumerable<MeshService> RootPorts(TrafficSplit split)
    {
        if (RootName.Parse(split.Service, split.Metadata.Namespace) is not { } root)
        {
            _diagnostics.Error(DiagnosticCodes.InvalidPolicy, split, "spec.service",
                $"\"{split.Service}\" does not name a service in namespace {split.Metadata.Namespace}",
                "Write the root as svc, svc.ns, svc.ns.svc or svc.ns.svc.cluster.local, in the split's own namespace");
            return [];
        }

        if (!_services.TryGetValue((split.Metadata.Namespace, root.Name), out var ports))
        {
            _diagnostics.Warning(DiagnosticCodes.DanglingReference, split, "spec.service",
                $"there is no service {split.Metadata.Namespace}/{root.Name} that the mesh carries", "Create the root Service, or correct its name");
            return [];
        }

        if (root.Port is { } port && !ports.Any(service => service.Port == port))
        {
            _diagnostics.Warning(DiagnosticCodes.DanglingReference, split, "spec.service",
                $"service {split.Metadata.Namespace}/{root.Name} has no port {port} that the mesh carries",
                "Correct the port, or leave it out for all ports");
        }

        return ports.Where(service => root.Port is null || service.Port == root.Port);
    }

    private void Apply(TrafficSplit split, MeshService root)
    {
        var backends = Backends(split, root);
        if (backends.Sum(backend => (long)backend.Weight) is var total && (total < 1 || total > uint.MaxValue))
        {
            _diagnostics.Error(DiagnosticCodes.SplitNotApplied, split, "spec.backends",
                backends.Count == 0
                    ? $"no backend can take port {root.Port}, so traffic goes to {root.Name} itself"
                    : $"the weights for port {root.Port} add up to {total}, so traffic goes to {root.Name} itself",
                "Give at least one existing backend a weight above 0");
            return;
        }

        if (Matches(split, root) is not { } matches)
        {
            return;
        }

        var groups = split.Matches.Select(name => new ResourceKey("HTTPRouteGroup", split.Metadata.Namespace, name));
        _splits[root] = new([.. backends], matches, [split.Key, .. groups.Distinct()]);
        foreach (var backend in backends)
        {
            var leaf = _services[(backend.Service.Namespace, backend.Service.Name)].Single(service => service.Port == backend.Port);
            if (leaf.Name != root.Name)
            {
                Roots(leaf).Add(new(root.Name, root.Port));
            }
        }
    }

    private List<WeightedBackend> Backends(TrafficSplit split, MeshService root)
    {
        var merged = new List<WeightedBackend>();
        for (var index = 0; index < split.Backends.Count; index++)
        {
            var written = split.Backends[index];
            var name = RootName.Parse(written.Service, split.Metadata.Namespace)?.Name ?? written.Service;
            var candidates = _services.GetValueOrDefault((split.Metadata.Namespace, name));
            var found = candidates?.FirstOrDefault(service => service.Port == root.Port);
            if (found is null || found.Protocol.IsHttp() != root.Protocol.IsHttp())
            {
                Report(split, index, root, name, candidates, found);
                continue;
            }

            var earlier = merged.FindIndex(backend => backend.Service == found.Name);
            if (earlier >= 0)
            {
                _diagnostics.Warning(DiagnosticCodes.Conflict, split, $"spec.backends[{index}].service",
                    $"backend {name} is listed twice; its weights are added", "List every backend once");
                merged[earlier] = merged[earlier] with { Weight = merged[earlier].Weight + written.Weight };
                continue;
            }

            merged.Add(new(found.Name, found.Port, found.TargetPort, written.Weight));
        }

        return merged;
    }

    private void Report(TrafficSplit split, int index, MeshService root, string name, MeshService[]? candidates, MeshService? found)
    {
        var problem = candidates is null ? $"there is no service {split.Metadata.Namespace}/{name} that the mesh carries"
            : found is null ? $"service {name} has no port {root.Port}, which the root has"
            : $"port {root.Port} of {name} is {found.Protocol.Name()} and the root's is {root.Protocol.Name()}";
        _diagnostics.Warning(candidates is null ? DiagnosticCodes.DanglingReference : DiagnosticCodes.SplitNotApplied, split, $"spec.backends[{index}].service",
            $"{problem}, so this backend gets nothing of port {root.Port}",
            candidates is null ? "Create the Service, or correct its name" : "Give the backend the root's port, with the same protocol");
    }

    // Null when the split names matches and none can be used: it then applies to no request at all.
    private EquatableArray<HttpRouteMatch>? Matches(TrafficSplit split, MeshService root)
    {
        if (!root.Protocol.IsHttp() && !split.Matches.IsEmpty)
        {
            _diagnostics.Error(DiagnosticCodes.SplitNotApplied, split, "spec.matches",
                $"port {root.Port} is {root.Protocol.Name()} and has no requests to match, so its traffic goes to {root.Name} itself", "Remove spec.matches");
            return null;
        }

        var matches = new List<HttpRouteMatch>();
        for (var index = 0; index < split.Matches.Count; index++)
        {
            if (_snapshot.Find<HttpRouteGroup>(new("HTTPRouteGroup", split.Metadata.Namespace, split.Matches[index])) is not { } group)
            {
                _diagnostics.Error(DiagnosticCodes.DanglingReference, split, $"spec.matches[{index}].name",
                    $"there is no HTTPRouteGroup {split.Metadata.Namespace}/{split.Matches[index]}, so no request is split by it", "Create it, or correct the name");
                continue;
            }

            matches.AddRange(group.Matches.Select((match, at) => HttpMatches.Of(group, match, at, _diagnostics)).OfType<HttpRouteMatch>());
        }

        return split.Matches.IsEmpty || matches.Count > 0 ? [.. matches.Distinct()] : null;
    }

    private SortedSet<SplitRoot> Roots(MeshService leaf)
    {
        if (!_roots.TryGetValue(leaf, out var roots))
        {
            _roots[leaf] = roots = new(Comparer<SplitRoot>.Create((left, right) =>
                left.Service.CompareTo(right.Service) is var order && order != 0 ? order : left.Port.CompareTo(right.Port)));
        }

        return roots;
    }

    private readonly record struct AppliedSplit(
        EquatableArray<WeightedBackend> Backends, EquatableArray<HttpRouteMatch> Matches, EquatableArray<ResourceKey> Origins);

    /// <summary>A root as users write it: the name alone or with namespace and DNS suffix, with or without port.</summary>
    internal readonly record struct RootName(string Name, int? Port)
    {
        public static RootName? Parse(string written, string ns)
        {
            var (host, port) = (written, (int?)null);
            if (written.LastIndexOf(':') is var colon and >= 0)
            {
                if (!int.TryParse(written.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 65535)
                {
                    return null;
                }

                (host, port) = (written[..colon], number);
            }

            var name = host.Split('.')[0];
            string[] forms = [name, $"{name}.{ns}", $"{name}.{ns}.svc", $"{name}.{ns}.svc.cluster", $"{name}.{ns}.svc.{ServiceName.DnsSuffix}"];
            return name.Length > 0 && forms.Contains(host, StringComparer.Ordinal) ? new(name, port) : null;
        }
    }
}
