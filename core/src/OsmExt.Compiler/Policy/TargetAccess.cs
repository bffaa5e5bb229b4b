using System.Collections.Immutable;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// Whom a TrafficTarget lets in where. Whatever cannot be understood admits nobody: an unknown kind, a missing namespace, an absent route object.
/// </summary>
/// <param name="Destination">Who is reached; null when it admits nobody.</param>
/// <param name="Sources">Who may, sorted.</param>
/// <param name="Http">By which requests.</param>
/// <param name="Tcp">By which connections.</param>
/// <param name="Findings">What is wrong with it.</param>
internal sealed record TargetAccess(
    WorkloadIdentity? Destination, EquatableArray<WorkloadIdentity> Sources, EquatableArray<HttpAccessRule> Http, EquatableArray<TcpAccessRule> Tcp, EquatableArray<Diagnostic> Findings)
{
    private const string ServiceAccountKind = "ServiceAccount";
    private const string TcpRouteKind = "TCPRoute";

    /// <summary>The object that a rule names; null when there is none.</summary>
    public static Resource? RouteOf(
        TrafficTarget target, TrafficTargetRule rule, ImmutableSortedDictionary<ResourceKey, Resource> groups, ImmutableSortedDictionary<ResourceKey, Resource> tcpRoutes)
        => string.Equals(rule.Kind, TcpRouteKind, StringComparison.Ordinal)
            ? tcpRoutes.GetValueOrDefault(new(TcpRouteKind, target.Metadata.Namespace, rule.Name))
            : groups.GetValueOrDefault(new("HTTPRouteGroup", target.Metadata.Namespace, rule.Name));

    /// <summary>All that it is made from, besides the TrafficTarget.</summary>
    /// <param name="TrustDomain">In which identities are written.</param>
    /// <param name="Routes">For each rule the object it names; null where there is none.</param>
    internal readonly record struct Input(string TrustDomain, EquatableArray<Resource?> Routes);

    /// <summary>Reads one.</summary>
    internal sealed class Reader(TrafficTarget target, Input input)
    {
        private readonly DiagnosticBag _diagnostics = new();

        public TargetAccess Read()
        {
            var (http, tcp) = (new List<HttpAccessRule>(), new List<TcpAccessRule>());
            if (!IsValid())
            {
                return Nobody();
            }

            var sources = Sources();
            if (sources.IsEmpty)
            {
                _diagnostics.Warning(DiagnosticCodes.AdmitsNobody, target, "spec.sources", "it names no usable source, so it admits nobody",
                    "List at least one source of kind ServiceAccount with its namespace");
                return Nobody();
            }

            for (var index = 0; index < target.Rules.Count; index++)
            {
                var rule = target.Rules[index];
                if (string.Equals(rule.Kind, TcpRouteKind, StringComparison.Ordinal))
                {
                    AddTcp(rule, index, sources, tcp);
                }
                else
                {
                    AddHttp(rule, index, sources, http);
                }
            }

            return new(new(input.TrustDomain, target.Metadata.Namespace, target.Destination.Name), sources, [.. http], [.. tcp], _diagnostics.Sorted());
        }

        private TargetAccess Nobody() => new(null, [], [], [], _diagnostics.Sorted());

        private bool IsValid()
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
                _diagnostics.Error(DiagnosticCodes.InvalidPolicy, target, field, $"{message}, so the whole object admits nobody", advice);
                return false;
            }
        }

        private EquatableArray<WorkloadIdentity> Sources()
        {
            var sources = new SortedSet<WorkloadIdentity>();
            for (var index = 0; index < target.Sources.Count; index++)
            {
                var source = target.Sources[index];
                if (!string.Equals(source.Kind, ServiceAccountKind, StringComparison.Ordinal))
                {
                    _diagnostics.Error(DiagnosticCodes.InvalidPolicy, target, $"spec.sources[{index}].kind",
                        $"the mesh knows no source of kind \"{source.Kind}\", so this source is not admitted", "Use kind ServiceAccount");
                }
                else if (source.Namespace.Length == 0 || source.Name.Length == 0)
                {
                    _diagnostics.Error(DiagnosticCodes.InvalidPolicy, target, $"spec.sources[{index}].namespace",
                        "the source does not say its namespace and name, so it is not admitted", "Write the service account's namespace and name");
                }
                else
                {
                    sources.Add(new(input.TrustDomain, source.Namespace, source.Name));
                }
            }

            return sources.ToEquatableArray();
        }

        private void AddTcp(TrafficTargetRule rule, int index, EquatableArray<WorkloadIdentity> sources, List<TcpAccessRule> rules)
        {
            if (input.Routes[index] is not TcpRoute route)
            {
                Dangling(rule, index);
                return;
            }

            rules.Add(new($"{target.Metadata.Namespace}/{target.Metadata.Name}|{rule.Name}", [.. route.Ports.Distinct().Order()], sources, [target.Key, route.Key]));
        }

        private void AddHttp(TrafficTargetRule rule, int index, EquatableArray<WorkloadIdentity> sources, List<HttpAccessRule> rules)
        {
            if (input.Routes[index] is not HttpRouteGroup group)
            {
                Dangling(rule, index);
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
                    _diagnostics.Warning(DiagnosticCodes.DanglingReference, target, $"spec.rules[{index}].matches",
                        $"HTTPRouteGroup {rule.Name} has no match \"{name}\", so it admits nothing", "Correct the name, or add the match");
                }
                else if (HttpMatches.Of(group, group.Matches[at], at, _diagnostics) is { } match)
                {
                    rules.Add(new($"{target.Metadata.Namespace}/{target.Metadata.Name}|{rule.Name}|{name}", match, sources, [target.Key, group.Key]));
                }
            }
        }

        private void Dangling(TrafficTargetRule rule, int index)
            => _diagnostics.Error(DiagnosticCodes.DanglingReference, target, $"spec.rules[{index}].name",
                $"there is no {rule.Kind} {target.Metadata.Namespace}/{rule.Name}, so this rule admits nobody",
                $"Create the {rule.Kind} in namespace {target.Metadata.Namespace}, or correct its name");
    }
}
