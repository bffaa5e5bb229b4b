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
    private readonly SplitBackends _backends;
    private readonly DiagnosticBag _diagnostics;
    private readonly ResourceSnapshot _snapshot;
    private readonly Dictionary<MeshService, MeshService> _splits = [];

    private TrafficSplits(IReadOnlyList<MeshService> services, ResourceSnapshot snapshot, DiagnosticBag diagnostics)
    {
        _snapshot = snapshot;
        _backends = new(services);
        _diagnostics = diagnostics;
    }

    public static IReadOnlyList<MeshService> Apply(
        IReadOnlyList<MeshService> services, ResourceSnapshot snapshot, MonitoredNamespaces namespaces, DiagnosticBag diagnostics)
    {
        var splits = new TrafficSplits(services, snapshot, diagnostics);
        splits.ApplyAll(namespaces.All<TrafficSplit>(snapshot));
        return SplitBackends.Introduced([.. services.Select(service => splits._splits.GetValueOrDefault(service, service))]);
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

        if (_backends.Ports(split.Metadata.Namespace, root.Name) is not { } ports)
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
        var backends = _backends.Of(root, split.Backends.Select(backend => (RootName.Parse(backend.Service, split.Metadata.Namespace)?.Name ?? backend.Service, backend.Weight)),
            found => _diagnostics.Warning(found.Code, split, $"spec.backends[{found.Index}].service", found.Problem, found.Advice));
        if (SplitBackends.Unusable(root, backends) is { } problem)
        {
            _diagnostics.Error(DiagnosticCodes.SplitNotApplied, split, "spec.backends", problem, SplitBackends.GiveWeight);
            return;
        }

        if (Matches(split, root) is not { } matches)
        {
            return;
        }

        ResourceKey[] origins = [split.Key, .. split.Matches.Select(name => new ResourceKey("HTTPRouteGroup", split.Metadata.Namespace, name)).Distinct()];
        _splits[root] = matches.IsEmpty
            ? root with { Split = backends, SplitOrigins = [.. origins] }
            : root with { RequestSplits = [new(matches, backends, [.. origins])] };
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
