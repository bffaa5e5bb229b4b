using System.Collections.Immutable;
using System.Globalization;
using OsmExt.Compiler.Policy.Incremental;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// Applies the TrafficSplits of a namespace: the root service's traffic goes to the backends by weight. What cannot be carried out as written
/// falls back to the root service itself and says so.
/// </summary>
internal sealed class TrafficSplits
{
    private readonly SplitBackends _backends;
    private readonly ImmutableSortedDictionary<ResourceKey, Resource> _groups;
    private readonly DiagnosticBag _diagnostics;
    private readonly SplitMemo _memo;
    private readonly Dictionary<MeshService, MeshService> _applied = new(ReferenceEqualityComparer.Instance);

    private TrafficSplits(SplitBackends backends, ImmutableSortedDictionary<ResourceKey, Resource> groups, SplitMemo memo, DiagnosticBag diagnostics)
        => (_backends, _groups, _memo, _diagnostics) = (backends, groups, memo, diagnostics);

    /// <summary>The root ports that are split, as they are then.</summary>
    /// <param name="services">The services of the namespace.</param>
    /// <param name="splits">Its splits.</param>
    /// <param name="groups">Its HTTPRouteGroups.</param>
    /// <param name="memo">What was made of each split before.</param>
    /// <param name="diagnostics">Takes what is wrong.</param>
    public static IReadOnlyDictionary<MeshService, MeshService> Apply(
        SplitBackends services, ImmutableSortedDictionary<ResourceKey, Resource> splits, ImmutableSortedDictionary<ResourceKey, Resource> groups, SplitMemo memo, DiagnosticBag diagnostics)
    {
        var applied = new TrafficSplits(services, groups, memo, diagnostics);
        applied.ApplyAll(splits.Values.Cast<TrafficSplit>());
        return applied._applied;
    }

    // Two splits of one root port: the older one wins, then the first by name, whatever order they were read in.
    private void ApplyAll(IEnumerable<TrafficSplit> all)
    {
        var winners = new Dictionary<MeshService, TrafficSplit>(ReferenceEqualityComparer.Instance);
        foreach (var split in all.OldestFirst())
        {
            var written = _memo.Names.Get(split, default, static (of, _) => SplitNames.Of(of));
            foreach (var root in RootPorts(split, written.Root))
            {
                if (winners.TryAdd(root, split))
                {
                    Apply(split, written, root);
                    continue;
                }

                _diagnostics.Error(DiagnosticCodes.Conflict, split, "spec.service",
                    $"{winners[root].Key} already splits port {root.Port} of {root.Name.Name} and came first, so this split has no effect there",
                    "Keep one split for each root service, or for each of its ports");
            }
        }
    }

    private IEnumerable<MeshService> RootPorts(TrafficSplit split, RootName? written)
    {
        if (written is not { } root)
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

        return root.Port is null ? ports : ports.Where(service => service.Port == root.Port);
    }

    private void Apply(TrafficSplit split, SplitNames written, MeshService root)
    {
        EquatableArray<BackendCandidate> candidates = [.. written.Backends.Select(backend => _backends.CandidateFor(root, backend.Service))];
        EquatableArray<HttpRouteGroup?> groups = split.Matches.IsEmpty ? []
            : [.. split.Matches.Select(name => _groups.GetValueOrDefault(new("HTTPRouteGroup", split.Metadata.Namespace, name)) as HttpRouteGroup)];
        var made = _memo.Roots.Get(root, new(split, candidates, groups), static (of, from) => AppliedSplit.Of(of, from));
        foreach (var finding in made.Findings)
        {
            _diagnostics.Add(finding);
        }

        if (made.Root is { } result)
        {
            _applied[root] = result;
        }
    }
}

/// <summary>What was made of splits before: what each says, and what became of each root.</summary>
internal sealed class SplitMemo(SplitMemo? before)
{
    public ObjectMemo<TrafficSplit, Nothing, SplitNames> Names { get; } = new(before?.Names);

    public ObjectMemo<MeshService, AppliedSplit.Input, AppliedSplit> Roots { get; } = new(before?.Roots);

    public SplitMemo Done()
    {
        Names.Done();
        Roots.Done();
        return this;
    }
}

/// <summary>There is no other input.</summary>
internal readonly record struct Nothing;

/// <summary>The services that a split names, as far as it says itself.</summary>
internal sealed record SplitNames(RootName? Root, EquatableArray<(string Service, int Weight)> Backends)
{
    public static SplitNames Of(TrafficSplit split) => new(RootName.Parse(split.Service, split.Metadata.Namespace),
        [.. split.Backends.Select(backend => (RootName.Parse(backend.Service, split.Metadata.Namespace)?.Name ?? backend.Service, backend.Weight))]);
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
