using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Running;

/// <summary>Finds contributions that reach no traffic, since nobody would notice otherwise.</summary>
internal static class TargetReview
{
    private static readonly ContributionPoint[] PerConnection = [ContributionPoint.HttpFilter, ContributionPoint.AccessLog, ContributionPoint.Tracing];

    public static IEnumerable<Diagnostic> Of(PluginManifest manifest, ContributionSlot slot, Contribution contribution, Mesh mesh)
    {
        var target = contribution.Target;
        if (slot.Point == ContributionPoint.VirtualHost && target is not { Port: not null, Service: null })
        {
            return [Nothing($"{slot.Name} is a host of a port, and {target} is none", "Let the plugin set the target's port, and no service")];
        }

        if (target.Service is not { } service)
        {
            return [];
        }

        if (slot.Direction == Direction.Outbound && PerConnection.Contains(slot.Point))
        {
            return [Nothing($"{slot.Name} is for all services of a port at once, so it cannot be for {target}", "Let the object name a service account or nothing")];
        }

        return mesh.Services.Any(known => known.Name with { Subdomain = "" } == service && (target.Port is null || target.Port == known.Port))
            ? []
            : [Nothing($"The mesh has no {target}", "Correct spec.targetRef")];

        Diagnostic Nothing(string message, string advice) => new(DiagnosticCodes.MatchesNothing, Severity.Warning,
            contribution.Origin ?? PlacedContribution.PluginKey(manifest.Id), "spec.targetRef", message, advice);
    }
}
