using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// Turns TrafficTargets into what each identity accepts and whom each may reach. Whatever cannot be understood admits nobody:
/// an unknown kind, a missing namespace, an absent route object.
/// </summary>
internal sealed class AccessPolicies(ResourceSnapshot snapshot, MonitoredNamespaces namespaces, string trustDomain, DiagnosticBag diagnostics)
{
    private const string ServiceAccountKind = "ServiceAccount";
    private readonly SortedDictionary<WorkloadIdentity, (List<HttpAccessRule> Http, List<TcpAccessRule> Tcp)> _inbound = [];
    private readonly SortedDictionary<WorkloadIdentity, SortedSet<WorkloadIdentity>> _outbound = [];

    public Mesh Into(Mesh mesh)
    {
        foreach (var target in namespaces.All<TrafficTarget>(snapshot))
        {
            Add(target);
        }

        return mesh with
        {
            Inbound = [.. _inbound.Select(entry => new InboundPolicy(entry.Key) { HttpRules = [.. entry.Value.Http], TcpRules = [.. entry.Value.Tcp] })],
            Outbound = [.. _outbound.Select(entry => new OutboundPolicy(entry.Key, entry.Value.ToEquatableArray()))],
        };
    }

    private void Add(TrafficTarget target)
    {
        if (!IsValid(target))
        {
            return;
        }

        var destination = new WorkloadIdentity(trustDomain, target.Metadata.Namespace, target.Destination.Name);
        var sources = Sources(target);
        if (sources.IsEmpty)
        {
            diagnostics.Warning(DiagnosticCodes.AdmitsNobody, target, "spec.sources", "it names no usable source, so it admits nobody",
                "List at least one source of kind ServiceAccount with its namespace");
            return;
        }

        foreach (var source in sources)
        {
            if (!_outbound.TryGetValue(source, out var reachable))
            {
                _outbound[source] = reachable = [];
            }

            reachable.Add(destination);
        }

        if (!_inbound.TryGetValue(destination, out var rules))
        {
            _inbound[destination] = rules = ([], []);
        }

        for (var index = 0; index < target.Rules.Count; index++)
        {
            var rule = target.Rules[index];
            if (string.Equals(rule.Kind, "TCPRoute", StringComparison.Ordinal))
            {
                AddTcp(target, rule, index, sources, rules.Tcp);
            }
            else
            {
                AddHttp(target, rule, index, sources, rules.Http);
            }
        }
    }

    private bool IsValid(TrafficTarget target)
    {
        if (!string.Equals(target.Destination.Kind, ServiceAccountKind, StringComparison.Ordinal))
        {
            return Refuse("spec.destination.kind", $"the mesh knows no destination of kind \"{target.Destination.Kind}\"", "Use kind ServiceAccount");
        }

        if (!string.Equals(target.Destination.Namespace, target.Metadata.Namespace, StringComparison.Ordinal))
        {
            return Refuse("spec.destination.namespace", $"the destination is in namespace \"{target.Destination.Namespace}\"",
                $"Name namespace {target.Metadata.Namespace}: only a namespace itself may open its workloads");
        }

        if (target.Rules.IsEmpty)
        {
            return Refuse("spec.rules", "it has no rules", "Add a rule of kind HTTPRouteGroup or TCPRoute");
        }

        for (var index = 0; index < target.Rules.Count; index++)
        {
            if (target.Rules[index].Kind is not ("HTTPRouteGroup" or "TCPRoute"))
            {
                return Refuse($"spec.rules[{index}].kind", $"the mesh knows no rule of kind \"{target.Rules[index].Kind}\"", "Use HTTPRouteGroup or TCPRoute");
            }
        }

        return true;

        bool Refuse(string field, string message, string advice)
        {
            diagnostics.Error(DiagnosticCodes.InvalidPolicy, target, field, $"{message}, so the whole object admits nobody", advice);
            return false;
        }
    }

    private EquatableArray<WorkloadIdentity> Sources(TrafficTarget target)
    {
        var sources = new SortedSet<WorkloadIdentity>();
        for (var index = 0; index < target.Sources.Count; index++)
        {
            var source = target.Sources[index];
            if (!string.Equals(source.Kind, ServiceAccountKind, StringComparison.Ordinal))
            {
                diagnostics.Error(DiagnosticCodes.InvalidPolicy, target, $"spec.sources[{index}].kind",
                    $"the mesh knows no source of kind \"{source.Kind}\", so this source is not admitted", "Use kind ServiceAccount");
            }
            else if (source.Namespace.Length == 0 || source.Name.Length == 0)
            {
                diagnostics.Error(DiagnosticCodes.InvalidPolicy, target, $"spec.sources[{index}].namespace",
                    "the source does not say its namespace and name, so it is not admitted", "Write the service account's namespace and name");
            }
            else
            {
                sources.Add(new(trustDomain, source.Namespace, source.Name));
            }
        }

        return sources.ToEquatableArray();
    }

    private void AddTcp(TrafficTarget target, TrafficTargetRule rule, int index, EquatableArray<WorkloadIdentity> sources, List<TcpAccessRule> rules)
    {
        if (snapshot.Find<TcpRoute>(new("TCPRoute", target.Metadata.Namespace, rule.Name)) is not { } route)
        {
            Dangling(target, rule, index);
            return;
        }

        rules.Add(new($"{target.Metadata.Namespace}/{target.Metadata.Name}|{rule.Name}", [.. route.Ports.Distinct().Order()], sources, [target.Key, route.Key]));
    }

    private void AddHttp(TrafficTarget target, TrafficTargetRule rule, int index, EquatableArray<WorkloadIdentity> sources, List<HttpAccessRule> rules)
    {
        if (snapshot.Find<HttpRouteGroup>(new("HTTPRouteGroup", target.Metadata.Namespace, rule.Name)) is not { } group)
        {
            Dangling(target, rule, index);
            return;
        }

        // SMI: no names means all matches of the group.
        var names = rule.Matches.IsEmpty ? group.Matches.Select(match => match.Name) : rule.Matches;
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            // Of several matches with one name the last counts, as in OSM.
            var at = group.Matches.Select(match => match.Name).ToList().LastIndexOf(name);
            if (at < 0)
            {
                diagnostics.Warning(DiagnosticCodes.DanglingReference, target, $"spec.rules[{index}].matches",
                    $"HTTPRouteGroup {rule.Name} has no match \"{name}\", so it admits nothing", "Correct the name, or add the match");
            }
            else if (HttpMatches.Of(group, group.Matches[at], at, diagnostics) is { } match)
            {
                rules.Add(new($"{target.Metadata.Namespace}/{target.Metadata.Name}|{rule.Name}|{name}", match, sources, [target.Key, group.Key]));
            }
        }
    }

    private void Dangling(TrafficTarget target, TrafficTargetRule rule, int index)
        => diagnostics.Error(DiagnosticCodes.DanglingReference, target, $"spec.rules[{index}].name",
            $"there is no {rule.Kind} {target.Metadata.Namespace}/{rule.Name}, so this rule admits nobody",
            $"Create the {rule.Kind} in namespace {target.Metadata.Namespace}, or correct its name");
}
