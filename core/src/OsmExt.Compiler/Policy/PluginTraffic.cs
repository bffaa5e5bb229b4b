using Google.Protobuf.WellKnownTypes;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Policy.Incremental;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// Puts what plugins decide about traffic to services into the policy, where TrafficSplits have put theirs before: so everything that follows
/// from a split follows from a plugin's weights as well. A TrafficSplit for a service's port counts before all plugins.
/// </summary>
internal sealed class PluginTraffic
{
    private readonly ScopeContributions _contributions;
    private readonly ResourceSnapshot _snapshot;
    private readonly SplitBackends _backends;
    private readonly SortedSet<Diagnostic> _findings = [];

    private PluginTraffic(Mesh mesh, IMeshContributions contributions, ResourceSnapshot snapshot)
        => (_contributions, _snapshot, _backends) = (new(contributions.Traffic, []), snapshot, new(mesh.Services));

    /// <param name="compiled">The policy without plugins, as these see it.</param>
    /// <param name="contributions">What they contribute to it.</param>
    /// <param name="snapshot">The objects.</param>
    /// <param name="previous">An earlier result; services that came out equal are taken from it.</param>
    public static CompiledMesh Apply(CompiledMesh compiled, IMeshContributions contributions, ResourceSnapshot snapshot, Mesh? previous = null)
    {
        if (contributions.Traffic.IsEmpty)
        {
            return compiled;
        }

        var traffic = new PluginTraffic(compiled.Mesh, contributions, snapshot);
        MeshService[] services = [.. compiled.Mesh.Services.Select(traffic.Split)];
        var mesh = compiled.Mesh with { Services = [.. Interned.Services([.. SplitBackends.Introduced(services, traffic.Routed(compiled.Mesh))], previous?.Services.ToArray())] };
        // Nobody has to answer for a service whose traffic goes elsewhere.
        var answered = services.Where(service => service.IsSplit).Select(service => (ResourceKey?)new ResourceKey(nameof(Service), service.Name.Namespace, service.Name.Name)).ToHashSet();
        var found = compiled.Diagnostics.Where(finding => finding.Code != DiagnosticCodes.AdmitsNobody || !answered.Contains(finding.Object)).Concat(traffic._findings);
        return new(mesh == previous ? previous : mesh, new SortedSet<Diagnostic>(found).ToEquatableArray());
    }

    private MeshService Split(MeshService root)
    {
        if (root.Name.Subdomain.Length > 0)
        {
            return root;
        }

        var all = _contributions.At(ContributionPoint.Weights, Direction.Outbound, root);
        PlacedContribution[] single = [.. _contributions.Routed(ContributionPoint.Weights, Direction.Outbound, root).SelectMany(slot => slot)];
        if (all.Count == 0 && single.Length == 0)
        {
            return root;
        }

        if (root.IsSplit)
        {
            var split = string.Join(", ", root.SplitOrigins.Concat(root.RequestSplits.SelectMany(split => split.Origins)).Distinct());
            foreach (var item in all.Concat(single))
            {
                Report(item, Severity.Warning, DiagnosticCodes.ContributionConflict, $"{split} says where port {root.Port} of {root.Name} goes, and comes before plugins, so what it says of that port has no effect",
                    "Remove one of the two, or aim this object at another port");
            }

            return root;
        }

        foreach (var loser in all.Skip(1))
        {
            Report(loser, Severity.Warning, DiagnosticCodes.ContributionConflict,
                $"plugin {all[0].Plugin} ({all[0].Origin?.ToString() ?? all[0].Slot.Name}) says where port {root.Port} of {root.Name} goes, and comes first", "Remove one of the two");
        }

        EquatableArray<WeightedBackend> backends = all.Count == 0 ? [] : Backends(root, all[0]);
        return root with
        {
            Split = backends,
            SplitOrigins = backends.IsEmpty ? [] : all[0].Objects,
            RequestSplits = [.. single.Select(item => new RequestSplit(item.Requests, SingleBackends(root, item), item.Objects)).Where(split => !split.Backends.IsEmpty)],
        };
    }

    // Whoever gets requests to another service answers to that one's name.
    private List<(ServiceName Service, int Port, SplitRoot Root)> Routed(Mesh mesh)
    {
        var routed = new List<(ServiceName, int, SplitRoot)>();
        foreach (var item in _contributions.All.Where(item => item.Slot.Point == ContributionPoint.Route))
        {
            var roots = mesh.Services.Where(service => service.Name.Subdomain.Length == 0 && service.Protocol.IsHttp() && item.Target.Covers(service)).ToArray();
            if (roots.Length == 0 && mesh.Services.Any(item.Target.Covers))
            {
                Report(item, Severity.Warning, DiagnosticCodes.MatchesNothing, $"{item.Target} has no port with requests", "Aim it at a service with HTTP");
            }

            foreach (var destination in ContributedRoutes.Named(item))
            {
                if (!ContributedRoutes.IsOwnNamespace(item, destination))
                {
                    Report(item, Severity.Error, DiagnosticCodes.DanglingReference, $"{destination} is in another namespace than {item.Target}, so requests that are sent there fail", "Send them to a service of the same namespace");
                }
                else if (ContributedRoutes.Find(destination, _backends.Ports(destination.Service.Namespace, destination.Service.Name) ?? []) is not { } found)
                {
                    Report(item, Severity.Warning, DiagnosticCodes.DanglingReference, $"there is no service with HTTP at {destination} that the mesh carries, so requests that are sent there fail",
                        "Create the Service, or correct name and port: it is the port that clients dial");
                }
                else
                {
                    routed.AddRange(roots.Select(root => (found.Name, found.Port, new SplitRoot(root.Name, root.Port))));
                }
            }
        }

        return routed;
    }

    private EquatableArray<WeightedBackend> SingleBackends(MeshService root, PlacedContribution item)
    {
        if (root.Protocol.IsHttp())
        {
            return Backends(root, item);
        }

        Report(item, Severity.Error, DiagnosticCodes.SplitNotApplied,
            $"port {root.Port} of {root.Name} is {root.Protocol.Name()} and has no requests to tell apart, so its traffic goes where all of it goes", "Aim it at the service");
        return [];
    }

    private EquatableArray<WeightedBackend> Backends(MeshService root, PlacedContribution item)
    {
        var written = BackendWeights.Read((Struct)item.Message).Backends.Select(backend => (RootName.Parse(backend.Service, root.Name.Namespace)?.Name ?? backend.Service, backend.Weight));
        var backends = _backends.Of(root, written, found => Report(item, Severity.Warning, found.Code, found.Problem, found.Advice));
        if (SplitBackends.Unusable(root, backends) is not { } problem)
        {
            return backends;
        }

        Report(item, Severity.Error, DiagnosticCodes.SplitNotApplied, problem, SplitBackends.GiveWeight);
        return [];
    }

    private void Report(PlacedContribution item, Severity severity, string code, string problem, string advice)
        => _findings.Add(new(code, severity, item.Subject, "", $"Plugin {item.Plugin}, {item.Slot.Name}: {problem}", advice, _snapshot.LocationOf(item.Subject)));
}
