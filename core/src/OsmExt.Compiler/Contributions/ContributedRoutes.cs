using System.Globalization;
using Envoy.Config.Route.V3;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Contributions;

/// <summary>
/// Routes of plugins for requests to services of the mesh, put before the mesh's own. They lead to services that the client may reach and nowhere
/// else: requests that are sent to another are answered by the client's own proxy.
/// </summary>
internal static class ContributedRoutes
{
    /// <summary>A scope's contributions with the clusters that their routes lead to for these proxies.</summary>
    /// <param name="contributions">A scope's.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="reachable">The services it may call.</param>
    /// <param name="index">The mesh.</param>
    public static ScopeContributions Settled(ScopeContributions contributions, ProxyScope scope, ServiceSet reachable, MeshIndex index)
    {
        var written = contributions.All.Where(item => item.Slot.Point == ContributionPoint.Route)
            .SelectMany(item => Named(item).Select(destination => (Item: item, Destination: destination))).ToArray();
        if (written.Length == 0)
        {
            return contributions;
        }

        var leads = written.Select(entry => (entry.Destination, Service: Find(entry.Destination, reachable.At(ServiceKey.Of(entry.Destination.Service))))).Where(lead => lead.Service is not null)
            .Select(lead => new RouteLead(lead.Destination, lead.Service!.Cluster)).Distinct().OrderBy(lead => lead.Destination.ToString(), StringComparer.Ordinal);
        var findings = written.Where(entry => IsOwnNamespace(entry.Item, entry.Destination) && reachable.At(ServiceKey.Of(entry.Item.Target.Service!)).Any(entry.Item.Target.Covers)
                && Find(entry.Destination, reachable.At(ServiceKey.Of(entry.Destination.Service))) is null && Find(entry.Destination, index.Named(entry.Destination.Service)) is not null)
            .Select(entry => new Diagnostic(DiagnosticCodes.DanglingReference, Severity.Warning, entry.Item.Subject, "",
                $"Proxies of {scope.Identity} may not reach {entry.Destination}, so requests that plugin {entry.Item.Plugin}, {entry.Item.Slot.Name}, sends there fail",
                "Let them reach it with a TrafficTarget, or send them elsewhere"));
        return contributions with { Leads = [.. leads], Findings = [.. new SortedSet<Diagnostic>(contributions.Findings.Concat(findings))] };
    }

    /// <summary>The routes for requests to a service, in the order they are looked at, each with the objects behind it.</summary>
    public static IEnumerable<(Route Route, PlacedContribution Item)> Of(ScopeContributions contributions, MeshService service)
        => service.Name.Subdomain.Length > 0 ? []
            // The first route that matches is taken, so what is more specific stands first.
            : contributions.At(ContributionPoint.Route, Direction.Outbound, service).GroupBy(item => (item.Plugin, item.Slot.Name))
                .SelectMany(slot => slot.OrderByDescending(item => item.Target.Specificity)).SelectMany(item => Routes(item, contributions).Select(route => (route, item)));

    /// <summary>The services of the mesh that a contribution's routes name.</summary>
    public static IEnumerable<RouteDestination> Named(PlacedContribution item)
        => ((VirtualHost)item.Message).Routes.SelectMany(RouteRules.Destinations).Where(name => !RouteRules.IsOwn(name, item.Plugin)).Distinct().Select(name => RouteDestination.Parse(name)!);

    /// <summary>Whether a service is of the namespace whose traffic is routed; a way into another would be somebody else's to open.</summary>
    public static bool IsOwnNamespace(PlacedContribution item, RouteDestination destination)
        => string.Equals(item.Target.Service?.Namespace, destination.Service.Namespace, StringComparison.Ordinal);

    /// <summary>The service's port that takes requests; null where it has none.</summary>
    public static MeshService? Find(RouteDestination destination, IEnumerable<MeshService> services)
        => services.FirstOrDefault(service => service.Name == destination.Service && service.Port == destination.Port && service.Protocol.IsHttp());

    /// <summary>What a contribution's routes are called.</summary>
    public static IEnumerable<string> NamesOf(PlacedContribution item)
    {
        var whose = PlacedContribution.NameOf(item.Plugin, item.Slot.Name) + (item.Origin is { } origin ? $".{origin.Namespace}.{origin.Name}" : "");
        return ((VirtualHost)item.Message).Routes.Select((_, index) => string.Create(CultureInfo.InvariantCulture, $"{whose}/{index}"));
    }

    private static IEnumerable<Route> Routes(PlacedContribution item, ScopeContributions contributions) => ((VirtualHost)item.Message).Routes.Zip(NamesOf(item), (written, name) =>
    {
        var route = written.Clone();
        route.Name = name;
        RouteRules.Redirect(route, cluster => RouteRules.IsOwn(cluster, item.Plugin) ? cluster : ClusterOf(item, RouteDestination.Parse(cluster)!, contributions));
        foreach (var mirror in route.Route_?.RequestMirrorPolicies ?? [])
        {
            // The server knows the service by its own names only.
            mirror.DisableShadowHostSuffixAppend = true;
        }

        return route;
    });

    private static string ClusterOf(PlacedContribution item, RouteDestination destination, ScopeContributions contributions)
        => (IsOwnNamespace(item, destination) ? contributions.Leads.FirstOrDefault(lead => lead.Destination == destination)?.Cluster : null) ?? Names.BlackholeCluster;
}

/// <summary>Where a destination of routes is for a scope's proxies.</summary>
/// <param name="Destination">As routes name it.</param>
/// <param name="Cluster">Its cluster.</param>
internal sealed record RouteLead(RouteDestination Destination, string Cluster);
