using System.Collections.Immutable;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Policy;

/// <summary>Whom each caller may reach, over all namespaces.</summary>
internal sealed class MeshCallers
{
    private readonly ImmutableSortedDictionary<WorkloadIdentity, OutboundPolicy> _policies;

    private MeshCallers(ImmutableSortedDictionary<WorkloadIdentity, OutboundPolicy> policies) => (_policies, Policies) = (policies, policies.Values.ToEquatableArray());

    /// <summary>Sorted by caller.</summary>
    public EquatableArray<OutboundPolicy> Policies { get; }

    /// <param name="namespaces">What each namespace says, namespaces in order.</param>
    /// <param name="before">The callers before; null for none.</param>
    /// <param name="earlier">What each namespace said then.</param>
    public static MeshCallers Of(EquatableArray<CallersOf> namespaces, MeshCallers? before, EquatableArray<CallersOf> earlier)
    {
        // Only who is named where something was said anew, or is no longer, may reach others than before.
        var (now, then) = (namespaces.ToHashSet<CallersOf>(ReferenceEqualityComparer.Instance), earlier.ToHashSet<CallersOf>(ReferenceEqualityComparer.Instance));
        var concerned = namespaces.Where(callers => before is null || !then.Contains(callers)).Concat(earlier.Where(callers => !now.Contains(callers)))
            .SelectMany(callers => callers.All).ToHashSet();
        var policies = (before?._policies ?? ImmutableSortedDictionary<WorkloadIdentity, OutboundPolicy>.Empty).ToBuilder();
        // Identities are sorted by namespace, and a namespace opens its own only.
        var reachable = concerned.ToDictionary(caller => caller, _ => new List<WorkloadIdentity>());
        foreach (var callers in namespaces)
        {
            foreach (var caller in callers.Count < concerned.Count ? callers.All.Where(concerned.Contains) : concerned)
            {
                reachable[caller].AddRange(callers.ReachableBy(caller));
            }
        }

        foreach (var (caller, all) in reachable)
        {
            EquatableArray<WorkloadIdentity> destinations = [.. all];
            if (destinations.IsEmpty)
            {
                policies.Remove(caller);
            }
            else if (!policies.TryGetValue(caller, out var known) || known.Destinations != destinations)
            {
                policies[caller] = new(caller, destinations);
            }
        }

        var made = policies.ToImmutable();
        return before is not null && ReferenceEquals(made, before._policies) ? before : new(made);
    }
}
