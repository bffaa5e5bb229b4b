using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Envoy.Config.Route.V3;
using OsmExt.Envoy;
using OsmExt.Sdk.Collections;
using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// Where requests go that leave a pod: by host name to a service, by weight to its backends. The hosts of a port are in its route
/// configuration, or, for a proxy that can take them so, resources of their own beside it.
/// </summary>
internal static class OutboundRoutes
{
    // A host is the same for all clients that have no retry rule for it and are, or are not, of its namespace, by itself or not, with its digest or without.
    // It goes when the service does.
    private static readonly ConditionalWeakTable<MeshService, Draft>[] Shared = [[], [], [], [], [], [], [], []];

    private static readonly MeshService SomeService = new(new("namespace", "service"), 80, 80, AppProtocol.Http);

    // By form, the host of a service that nothing is written about: those of all others of the kind are like it.
    private static readonly Draft[] Plain = [.. HostForm.All.Select(form => Looked(Whole(SomeService, null, form, null), SomeService))];

    /// <param name="view">Whose.</param>
    /// <param name="frame">The same without services and rules, from <see cref="TranslationMemo.Begin"/>.</param>
    /// <param name="memo">What was made the last time.</param>
    /// <param name="conflicts">Receives names that two services want.</param>
    public static IEnumerable<Passed> Of(ScopeView view, ScopeView frame, TranslationMemo memo, List<DomainConflict> conflicts)
    {
        var retries = view.Retries.ToDictionary(rule => rule.Service);
        foreach (var port in ContributedHosts.Ports(view))
        {
            var services = view.Reachable.HttpByPort.GetValueOrDefault(port) ?? [];
            var name = Names.OutboundRoutes(port);
            var hosts = Hosts(frame, services, retries, memo, conflicts);
            var contributed = ContributedHosts.Of(frame, port, hosts.SelectMany(host => ((VirtualHost)host.Message).Domains).Concat(frame.Settings.EnableEgress ? ["*"] : []));
            foreach (var finding in contributed.Findings)
            {
                yield return new(null, finding);
            }

            Draft[] outside = [.. contributed.Hosts, .. frame.Settings.EnableEgress ? new[] { Outside } : []];
            if (IsSeparate(frame.Scope))
            {
                yield return memo.Section(name, outside.ToEquatableArray(), _ => ResourceGate.Pass(Configuration(name, separate: true, outside, Origins.MeshConfig), frame.Scope));
                foreach (var host in hosts)
                {
                    yield return ResourceGate.Pass(host, frame.Scope);
                }
            }
            else
            {
                var input = (Hosts: hosts.Concat(outside).ToEquatableArray(), Origins: Origins.Of(services).ToEquatableArray());
                yield return memo.Section(name, input,
                    made => ResourceGate.Pass(Configuration(name, separate: false, made.Hosts, [.. made.Origins]), frame.Scope));
            }
        }
    }

    private static bool IsSeparate(ProxyScope scope) => scope.Capabilities.TakesVirtualHosts();

    private static Draft Configuration(string name, bool separate, IReadOnlyList<Draft> hosts, ImmutableArray<string> origins)
    {
        var head = VirtualHosts.Empty(name);
        head.Vhds = separate ? new() { ConfigSource = Protos.Ads } : null;
        var configuration = head.Clone();
        configuration.VirtualHosts.AddRange(hosts.Select(host => (VirtualHost)host.Message));
        return Draft.Of(configuration, head, "virtual_hosts", hosts, name, origins);
    }

    private static List<Draft> Hosts(
        ScopeView frame, MeshService[] services, Dictionary<ServiceName, RetryRule> retries, TranslationMemo memo, List<DomainConflict> conflicts)
    {
        var contested = ContestedNames.Among(services, frame.Scope.Identity.Namespace);
        var settled = new VirtualHosts();
        var separate = IsSeparate(frame.Scope);
        // Where a name could mean two services, the client's own namespace comes first, as it does in DNS.
        foreach (var service in contested.OrderBy(service => !IsLocal(service)).ThenBy(service => service.Name))
        {
            settled.Add(Host(service, RuleOf(service), separate, frame), service.Name, HostNames.Of(service.Name, service.Port, IsLocal(service)));
        }

        var settledByName = settled.All.ToDictionary(host => host.Name, StringComparer.Ordinal);
        conflicts.AddRange(settled.Conflicts);
        foreach (var host in settledByName.Values)
        {
            Generation.Mark(host, frame.Contributions);
        }

        var result = new List<Draft>(services.Length);
        Func<MeshService, RetryRule?, Draft?, Draft> uncontested = (of, rule, _) => Uncontested(of, rule, IsLocal(of), frame);
        foreach (var service in services)
        {
            if (!contested.Contains(service))
            {
                result.Add(memo.VirtualHosts.Get(service, RuleOf(service), uncontested));
            }
            else if (settledByName.Remove(NameOf(service, separate), out var host))
            {
                result.Add(new(host, host.Name, Origins.Of(service)));
            }
        }

        return result;

        bool IsLocal(MeshService service) => string.Equals(service.Name.Namespace, frame.Scope.Identity.Namespace, StringComparison.Ordinal);

        // A rule for a headless service is for its pods as well.
        RetryRule? RuleOf(MeshService service) => retries.Count == 0 ? null : retries.GetValueOrDefault(service.Name with { Subdomain = "" });
    }

    private static Draft Uncontested(MeshService service, RetryRule? rule, bool local, ScopeView frame)
    {
        var separate = IsSeparate(frame.Scope);
        // What plugins contribute is for this scope only.
        var isShared = rule is null && !frame.Contributions.Configure(Direction.Outbound, service);
        var form = new HostForm(local, separate, Generation.IsRead(frame.Contributions));
        return isShared
            ? Shared[form.Index].GetValue(service, of => ForEverybody(of, form))
            : Looked(Whole(service, rule, form, frame), service);
    }

    private static Draft ForEverybody(MeshService service, HostForm form)
    {
        var host = Whole(service, null, form, null);
        var isPlain = !service.IsSplit && service.Upstream.Connections.RequestTimeout is null && HostNames.ArePlain(service.Name);
        return isPlain ? Draft.Like(Plain[form.Index], host, host.Name, Origins.Of(service)) : Looked(host, service);
    }

    private static VirtualHost Whole(MeshService service, RetryRule? rule, HostForm form, ScopeView? frame)
    {
        var host = Host(service, rule, form.IsSeparate, frame);
        host.Domains.AddRange(HostNames.Of(service.Name, service.Port, form.IsLocal));
        if (form.IsMarked)
        {
            Generation.Mark(host);
        }

        return host;
    }

    private static Draft Looked(VirtualHost host, MeshService service) => new(host, host.Name, Origins.Of(service));

    // What differs between the hosts that clients have of one service.
    private readonly record struct HostForm(bool IsLocal, bool IsSeparate, bool IsMarked)
    {
        public static IEnumerable<HostForm> All => Enumerable.Range(0, 8).Select(index => new HostForm((index & 1) != 0, (index & 2) != 0, (index & 4) != 0));

        public int Index => (IsLocal ? 1 : 0) + (IsSeparate ? 2 : 0) + (IsMarked ? 4 : 0);
    }

    // A host the mesh does not know is outside it, and goes to the address it was sent to.
    private static Draft Outside { get; } = new(
        new VirtualHost
        {
            Name = Names.PassthroughCluster,
            Domains = { "*" },
            Routes = { new Route { Match = RouteMatches.Any(), Route_ = new() { Cluster = Names.PassthroughCluster, Timeout = Protos.Seconds(0) } } },
        },
        Names.PassthroughCluster,
        Origins.MeshConfig);

    // Envoy removes a host by its own name and not by its resource's, so a host that is a resource is called as that.
    private static string NameOf(MeshService service, bool separate)
        => separate ? SeparateHosts.NameOf(Names.OutboundRoutes(service.Port), Names.OutboundVirtualHost(service.Name)) : Names.OutboundVirtualHost(service.Name);

    private static VirtualHost Host(MeshService service, RetryRule? rule, bool separate, ScopeView? frame)
    {
        var host = new VirtualHost { Name = NameOf(service, separate) };
        if (frame is not null)
        {
            host.Routes.AddRange(ContributedRoutes.Of(frame.Contributions, service).Select(entry => Treated(Led(entry.Route, service), entry.Item.Objects, service, rule)));
        }

        host.Routes.AddRange(Routes(service).Select(route => Treated(route.Route, route.Origins, service, rule)));
        if (frame is not null)
        {
            HostConfig.Apply(host, frame, Direction.Outbound, service);
        }

        return host;
    }

    private static IEnumerable<(Route Route, EquatableArray<ResourceKey> Origins)> Routes(MeshService service)
    {
        var all = service.Split.IsEmpty ? [(service.Cluster, 100u)] : Shares(service.Split);
        return
        [
            .. service.RequestSplits.SelectMany(split => split.Matches.SelectMany(RouteMatches.Of).Select(match => (Open(match, Shares(split.Backends)), split.Origins))),
            (Open(RouteMatches.Any(), all), service.SplitOrigins),
        ];
    }

    private static IEnumerable<(string Cluster, uint Weight)> Shares(EquatableArray<WeightedBackend> backends)
        => backends.Select(backend => (backend.Cluster, (uint)backend.Weight));

    // A plugin's route may leave it to the mesh where requests go.
    private static Route Led(Route route, MeshService service)
    {
        if (route.Route_ is { Cluster: RouteRules.Service } action)
        {
            action.WeightedClusters = Routes(service).Last().Route.Route_.WeightedClusters;
        }

        return route;
    }

    private static Route Treated(Route route, EquatableArray<ResourceKey> origins, MeshService service, RetryRule? retries)
    {
        var used = origins.ToList();
        if (route.Route_ is { } action)
        {
            if (action.Timeout is null)
            {
                action.Timeout = service.Upstream.Connections.RequestTimeout is { } limit ? Protos.Time(limit) : Protos.Seconds(0);
                used.AddRange(service is { UpstreamOrigin: { } setting, Upstream.Connections.RequestTimeout: not null } ? [setting] : []);
            }

            if (action.RetryPolicy is null && retries is not null)
            {
                action.RetryPolicy = Resilience.Retry(retries.Settings);
                used.Add(retries.Origin);
            }
        }

        route.Metadata = Provenance.Of(used);
        return route;
    }

    /// <summary>A route to clusters by weight, with no time limit: applications set their own.</summary>
    public static Route To(RouteMatch match, IEnumerable<(string Cluster, uint Weight)> clusters)
    {
        var route = Open(match, clusters);
        route.Route_.Timeout = Protos.Seconds(0);
        return route;
    }

    // Without saying how long a request may take.
    private static Route Open(RouteMatch match, IEnumerable<(string Cluster, uint Weight)> clusters)
    {
        var weighted = new WeightedCluster();
        weighted.Clusters.AddRange(clusters
            .OrderBy(entry => entry.Cluster, StringComparer.Ordinal)
            .Select(entry => new WeightedCluster.Types.ClusterWeight { Name = entry.Cluster, Weight = entry.Weight }));
        return new() { Match = match, Route_ = new() { WeightedClusters = weighted } };
    }
}
