using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Running;

/// <summary>
/// Every combination of contributions for single requests becomes a route of its own, in place of each route the mesh has; so there is an
/// end to how many.
/// </summary>
internal static class RouteLimit
{
    public const int Most = 500;

    /// <summary>What exceeds it: the last slots in the order of all.</summary>
    /// <param name="placed">What is contributed to one scope.</param>
    public static IReadOnlySet<PlacedContribution> Excess(IEnumerable<PlacedContribution> placed)
    {
        var routed = placed.Where(item => item.Target.Route is not null && item.Slot.Point == ContributionPoint.VirtualHostConfig).OrderBy(item => item.Rank).ToArray();
        var excess = new HashSet<PlacedContribution>();
        foreach (var (direction, service) in routed.Select(item => (item.Slot.Direction, item.Target.Service)).Distinct())
        {
            var combinations = 1L;
            foreach (var slot in routed.Where(item => item.Slot.Direction == direction && (item.Target.Service is null || item.Target.Service == service)).GroupBy(item => item.Rank))
            {
                var more = combinations * (1 + slot.SelectMany(item => item.Requests).Distinct().Sum(match => Math.Max(1, match.Methods.Count)));
                if (more <= Most)
                {
                    combinations = more;
                }
                else
                {
                    excess.UnionWith(slot);
                }
            }
        }

        return excess;
    }

    public static Diagnostic Finding(PlacedContribution item, ProxyScope scope, bool isClosed)
        => new(DiagnosticCodes.ContributionRefused, Severity.Error, item.Subject, "spec.targetRef",
            $"Plugin {item.Plugin}, {item.Slot.Name}: for {scope.Identity} it would take more than {Most} routes for one service to tell all requests apart that objects name",
            isClosed ? "These proxies keep what they have; name fewer requests" : "It is left out for these proxies; name fewer requests");
}
