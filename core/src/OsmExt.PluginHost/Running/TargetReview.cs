using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Running;

/// <summary>Finds contributions that reach no traffic, since nobody would notice otherwise.</summary>
internal static class TargetReview
{
    private static readonly ContributionPoint[] PerConnection = [ContributionPoint.HttpFilter, ContributionPoint.AccessLog, ContributionPoint.Tracing];

    // What belongs to proxies they get whole, for the sake of whichever requests; alone it does nothing for these.
    private static readonly ContributionPoint[] WholeForProxies = [ContributionPoint.Cluster, ContributionPoint.Listener];

    /// <summary>An object that reaches traffic through one of its slots has its effect, so nothing is said of the others.</summary>
    public static IEnumerable<Diagnostic> Of(PluginManifest manifest, IEnumerable<(ContributionSlot Slot, Contribution Contribution)> placed, Mesh mesh, ResourceSnapshot snapshot)
        => placed.Where(item => item.Contribution.Target.Route is null || !WholeForProxies.Contains(item.Slot.Point)).Select(item => (item.Contribution.Origin, Findings: Of(manifest, item.Slot, item.Contribution, mesh, snapshot).ToArray()))
            .GroupBy(review => review.Origin)
            .SelectMany(reviews => reviews.Key is not null && reviews.Any(review => review.Findings.Length == 0) ? [] : reviews.SelectMany(review => review.Findings));

    /// <summary>Whether traffic that a target means can be decided about in a slot.</summary>
    public static bool IsForTraffic(ContributionSlot slot, ContributionTarget target)
        => slot.Point == ContributionPoint.Weights ? IsForAllClients(target) : target is { Service: not null, Route: null };

    /// <summary>Whether a target is a service, whoever calls it.</summary>
    private static bool IsForAllClients(ContributionTarget target) => target is { Service: not null, Namespace: null, ServiceAccount: null, Labels.IsEmpty: true };

    private static IEnumerable<Diagnostic> Of(PluginManifest manifest, ContributionSlot slot, Contribution contribution, Mesh mesh, ResourceSnapshot snapshot)
    {
        var target = contribution.Target;
        if ((slot.Point == ContributionPoint.VirtualHost || slot is { Point: ContributionPoint.FilterChain, Direction: Direction.Outbound })
            && target is not { Port: not null, Service: null })
        {
            return [Nothing($"{slot.Name} is for connections to a port, and {target} is none", "Let the plugin set the target's port, and no service")];
        }

        if (slot.Point is ContributionPoint.Weights or ContributionPoint.Route && target.Service is null)
        {
            return [Nothing($"{slot.Name} is for traffic to a service, and {target} is none", "Let the object name a service")];
        }

        if (slot.Point == ContributionPoint.Weights && !IsForAllClients(target))
        {
            return [Nothing($"{slot.Name} is for all clients of a service, so it cannot be for {target} only", "Let the plugin set the target's service, and its port or route at most")];
        }

        if (target.Route is not null && slot.Point is not (ContributionPoint.VirtualHostConfig or ContributionPoint.Weights))
        {
            return [Nothing($"{slot.Name} is for all requests of a service or proxy at once, so it cannot be for {target}", "Let the object name a service or nothing; for single requests a plugin needs virtual-host-config")];
        }

        if (!target.Labels.IsEmpty && !snapshot.All<Pod>().Any(pod => string.Equals(pod.Metadata.Namespace, target.Namespace, StringComparison.Ordinal) && target.Labels.Selects(pod.Metadata.Labels)))
        {
            return [Nothing($"There are no {target}", "Correct spec.targetRef.labels, or start such pods")];
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
