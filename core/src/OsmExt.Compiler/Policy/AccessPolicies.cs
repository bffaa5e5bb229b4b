using System.Collections.Immutable;
using OsmExt.Compiler.Policy.Incremental;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>What the identities of a namespace accept, and who may reach them, by its TrafficTargets.</summary>
/// <param name="Inbound">What each identity accepts, sorted.</param>
/// <param name="Callers">Whom of the namespace each caller may reach.</param>
/// <param name="Findings">What is wrong.</param>
internal sealed record AccessPolicies(InboundPolicy[] Inbound, CallersOf Callers, EquatableArray<Diagnostic> Findings)
{
    private ObjectMemo<TrafficTarget, TargetAccess.Input, TargetAccess>? _made;

    public static AccessPolicies Of(Input input, AccessPolicies? before)
    {
        var made = new ObjectMemo<TrafficTarget, TargetAccess.Input, TargetAccess>(before?._made);
        var all = new List<TargetAccess>(input.Targets.Count);
        foreach (var (_, resource) in input.Targets)
        {
            var target = (TrafficTarget)resource;
            EquatableArray<Resource?> routes = [.. target.Rules.Select(rule => TargetAccess.RouteOf(target, rule, input.Groups, input.TcpRoutes))];
            all.Add(made.Get(target, new(input.TrustDomain, routes), static (of, from) => new TargetAccess.Reader(of, from).Read()));
        }

        InboundPolicy[] inbound =
        [
            .. all.Where(target => target.Destination is not null).GroupBy(target => target.Destination!).OrderBy(group => group.Key).Select(group => new InboundPolicy(group.Key)
            {
                HttpRules = [.. group.SelectMany(target => target.Http)], TcpRules = [.. group.SelectMany(target => target.Tcp)],
            }),
        ];
        var findings = new SortedSet<Diagnostic>(all.SelectMany(target => target.Findings));
        return new(Interned.ByKey(inbound, before?.Inbound, policy => policy.Identity), CallersOf.Of(all, before?.Callers), findings.ToEquatableArray()) { _made = made.Done() };
    }

    /// <summary>All that it is made from.</summary>
    /// <param name="TrustDomain">In which identities are written.</param>
    /// <param name="Targets">The namespace's TrafficTargets.</param>
    /// <param name="Groups">Its HTTPRouteGroups.</param>
    /// <param name="TcpRoutes">Its TCPRoutes.</param>
    internal readonly record struct Input(
        string TrustDomain, ImmutableSortedDictionary<ResourceKey, Resource> Targets, ImmutableSortedDictionary<ResourceKey, Resource> Groups,
        ImmutableSortedDictionary<ResourceKey, Resource> TcpRoutes);
}
