using System.Globalization;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Plugin.Egress;

/// <summary>
/// All that one service account may call, in one piece: rules of several objects for one host, name or range become one, since Envoy takes
/// nothing twice. What any rule allows is allowed.
/// </summary>
/// <param name="target">The account.</param>
/// <param name="rules">Its rules; where two differ in what can only be had once, the earlier counts.</param>
/// <param name="findings">Takes what is wrong.</param>
internal sealed class AccountEgress(ContributionTarget target, IReadOnlyList<Rule> rules, List<Diagnostic> findings)
{
    private readonly Dictionary<string, Contribution> _clusters = new(StringComparer.Ordinal);

    private string Account => $"{target.Namespace}/{target.ServiceAccount}";

    public IEnumerable<Contribution> Contributions()
    {
        List<Contribution> all = [];
        foreach (var port in rules.GroupBy(rule => rule.Port).OrderBy(port => port.Key))
        {
            HttpRule[] http = [.. port.OfType<HttpRule>()];
            TcpRule[] tcp = [.. port.OfType<TcpRule>()];
            TlsRule[] tls = [.. port.OfType<TlsRule>()];
            Compare(http, tls, tcp);
            if (http.Length > 0)
            {
                all.AddRange(http.Select(rule => rule.Host).Distinct(StringComparer.Ordinal).Select(host => Host(host, port.Key, [.. http.Where(rule => rule.Covers(host))])));
                all.Add(Filled("hosts", port.Key, [], HostModel.Of(string.Create(CultureInfo.InvariantCulture, $"egress|{port.Key}|*"), ["*"], [], [],
                    string.Create(CultureInfo.InvariantCulture, $"No Egress lets {Account} send requests to this host on port {port.Key}.\n"))));
            }

            var connections = new PortConnections(port.Key, tls, tcp);
            all.AddRange(connections.Chains(AddressCluster).Select(chain => Filled("connections", port.Key, chain.From, chain.Model)));
        }

        if (rules.OfType<HttpRule>().Any(rule => rule.Ranges is not null))
        {
            all.Add(Filled("addresses", null, rules.OfType<HttpRule>().Where(rule => rule.Ranges is not null).Take(1), ConfigValue.Empty));
        }

        return all.Concat(_clusters.Values);
    }

    private Contribution Host(string host, int port, HttpRule[] covering)
    {
        HttpRule[] open = [.. covering.Where(rule => rule.Ranges is null)];
        HttpRule[] bounded = [.. covering.Where(rule => rule.Ranges is not null)];
        Settle(open, $"host {host}");
        Settle(bounded, $"host {host}");
        // What may go to any address comes first, so that no narrower rule takes a request from it.
        var anywhere = open.SelectMany(rule => rule.Matches).Distinct().ToArray();
        object[] routes =
        [
            .. anywhere.SelectMany(match => RouteModel.Of(match, NameCluster(host, port, open), open[0].Connections)),
            .. bounded.SelectMany(rule => rule.Matches).Distinct().Except(anywhere).SelectMany(match => RouteModel.Of(match, AddressCluster(bounded[0]), bounded[0].Connections)),
        ];
        return Filled("hosts", port, covering, HostModel.Of(
            string.Create(CultureInfo.InvariantCulture, $"egress|{port}|{host}"), [host, string.Create(CultureInfo.InvariantCulture, $"{host}:{port}")], routes,
            bounded.Length == 0 ? [] : RouteModel.Access(covering),
            string.Create(CultureInfo.InvariantCulture, $"No Egress lets {Account} send this request to {host} on port {port}.\n")));
    }

    private string NameCluster(string host, int port, HttpRule[] rulesOf)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"egress|{host}:{port}");
        _clusters.TryAdd(name, Filled("clusters", null, rulesOf, ClusterModel.Of(name, host, port, rulesOf[0].Connections.Values)));
        return name;
    }

    private string AddressCluster(Rule rule)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"egress|{rule.Port}{(rule.Connections.Origin is { } setting ? $"|{setting.Namespace}/{setting.Name}" : "")}");
        _clusters.TryAdd(name, Filled("clusters", null, rules.Where(other => other.Port == rule.Port && other.Connections == rule.Connections), ClusterModel.Of(name, null, rule.Port, rule.Connections.Values)));
        return name;
    }

    private void Settle(IEnumerable<HttpRule> claims, string what)
    {
        if (claims.FirstOrDefault() is { } first)
        {
            findings.AddRange(claims.Where(rule => rule.Connections != first.Connections).Select(rule => Conflict(rule, "spec.matches",
                $"{first.Origin} settles how connections to {what} on port {rule.Port} are made, so {rule.Connections.Origin?.ToString() ?? "having no settings"} has no effect here", "Let both refer to one UpstreamTrafficSetting")));
        }
    }

    private void Compare(HttpRule[] http, TlsRule[] tls, TcpRule[] tcp)
    {
        if (tls.Length > 0)
        {
            findings.AddRange(tcp.Where(rule => rule.ServerFirst).Select(rule => Conflict(rule, "spec.ports",
                $"{tls[0].Origin} lets TLS out on port {rule.Port} too, so {Account} waits 15 s there for a server that speaks first", "Use another port for one of them, or tcp for both")));
        }

        if (tcp.FirstOrDefault(rule => rule.Ranges is null) is { } all)
        {
            findings.AddRange(http.Concat<Rule>(tls).Select(rule => Conflict(rule, "spec.ports",
                $"{all.Origin} lets {Account} send anything to any address on port {rule.Port}, so this restricts nothing there", $"Give {all.Origin} ipAddresses, or remove one of them")));
        }
    }

    private static Diagnostic Conflict(Rule rule, string field, string message, string advice)
        => new(DiagnosticCodes.Conflict, Severity.Warning, rule.Origin, field, message, advice);

    private Contribution Filled(string slot, int? port, IEnumerable<Rule> from, ConfigValue model)
    {
        ResourceKey[] origins = [.. from.SelectMany(rule => new ResourceKey?[] { rule.Origin, rule.Connections.Origin }.OfType<ResourceKey>()
            .Concat(rule is HttpRule http ? http.Groups : [])).Distinct()];
        return new(slot, target with { Port = port }) { Model = model, Origin = origins.Length > 0 ? origins[0] : null, AlsoFrom = [.. origins.Skip(1).Order()] };
    }
}
