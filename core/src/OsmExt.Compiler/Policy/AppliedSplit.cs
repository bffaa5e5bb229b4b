using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>What becomes of a root's port by a TrafficSplit.</summary>
/// <param name="Root">The service as it is then; null when it stays as it was.</param>
/// <param name="Findings">What is wrong.</param>
internal sealed record AppliedSplit(MeshService? Root, EquatableArray<Diagnostic> Findings)
{
    public static AppliedSplit Of(MeshService root, Input from)
    {
        var diagnostics = new DiagnosticBag();
        return new(Applied(root, from, diagnostics), diagnostics.Sorted());
    }

    private static MeshService? Applied(MeshService root, Input from, DiagnosticBag diagnostics)
    {
        var split = from.Split;
        var backends = SplitBackends.Of(root, from.Candidates.Zip(SplitNames.Of(split).Backends, (candidate, backend) => (candidate, backend.Service, backend.Weight)),
            found => diagnostics.Warning(found.Code, split, $"spec.backends[{found.Index}].service", found.Problem, found.Advice));
        if (SplitBackends.Unusable(root, backends) is { } problem)
        {
            diagnostics.Error(DiagnosticCodes.SplitNotApplied, split, "spec.backends", problem, SplitBackends.GiveWeight);
            return null;
        }

        if (Matches(root, from, diagnostics) is not { } matches)
        {
            return null;
        }

        EquatableArray<ResourceKey> origins = [split.Key, .. split.Matches.Select(name => new ResourceKey("HTTPRouteGroup", split.Metadata.Namespace, name)).Distinct()];
        return matches.IsEmpty ? root with { Split = backends, SplitOrigins = origins } : root with { RequestSplits = [new(matches, backends, origins)] };
    }

    // Null when the split names matches and none can be used: it then applies to no request at all.
    private static EquatableArray<HttpRouteMatch>? Matches(MeshService root, Input from, DiagnosticBag diagnostics)
    {
        var split = from.Split;
        if (!root.Protocol.IsHttp() && !split.Matches.IsEmpty)
        {
            diagnostics.Error(DiagnosticCodes.SplitNotApplied, split, "spec.matches",
                $"port {root.Port} is {root.Protocol.Name()} and has no requests to match, so its traffic goes to {root.Name} itself", "Remove spec.matches");
            return null;
        }

        var matches = new List<HttpRouteMatch>();
        for (var index = 0; index < split.Matches.Count; index++)
        {
            if (from.Groups[index] is not { } group)
            {
                diagnostics.Error(DiagnosticCodes.DanglingReference, split, $"spec.matches[{index}].name",
                    $"there is no HTTPRouteGroup {split.Metadata.Namespace}/{split.Matches[index]}, so no request is split by it", "Create it, or correct the name");
                continue;
            }

            matches.AddRange(group.Matches.Select((match, at) => HttpMatches.Of(group, match, at, diagnostics)).OfType<HttpRouteMatch>());
        }

        return split.Matches.IsEmpty || matches.Count > 0 ? [.. matches.Distinct()] : null;
    }

    /// <summary>All that it is made from, besides the root.</summary>
    /// <param name="Split">The split.</param>
    /// <param name="Candidates">For each backend what there is of its name.</param>
    /// <param name="Groups">The HTTPRouteGroups it names; null for what does not exist.</param>
    internal readonly record struct Input(TrafficSplit Split, EquatableArray<BackendCandidate> Candidates, EquatableArray<HttpRouteGroup?> Groups);
}
