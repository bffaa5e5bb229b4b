using OsmExt.Compiler.Policy.Incremental;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;

namespace OsmExt.Compiler.Policy;

/// <summary>Whom of one namespace each caller may reach, sorted. It stays the same object while nobody may reach more or less.</summary>
internal sealed class CallersOf
{
    private static readonly CallersOf Nobody = new([], []);
    private readonly EquatableArray<(WorkloadIdentity Destination, EquatableArray<WorkloadIdentity> Sources)> _from;
    private readonly Dictionary<WorkloadIdentity, WorkloadIdentity[]> _reachable;

    private CallersOf(EquatableArray<(WorkloadIdentity, EquatableArray<WorkloadIdentity>)> from, Dictionary<WorkloadIdentity, WorkloadIdentity[]> reachable) => (_from, _reachable) = (from, reachable);

    public int Count => _reachable.Count;

    public IEnumerable<WorkloadIdentity> All => _reachable.Keys;

    public WorkloadIdentity[] ReachableBy(WorkloadIdentity caller) => _reachable.GetValueOrDefault(caller, []);

    public static CallersOf Of(IReadOnlyList<TargetAccess> targets, CallersOf? before)
    {
        EquatableArray<(WorkloadIdentity Destination, EquatableArray<WorkloadIdentity> Sources)> from
            = [.. targets.Where(target => target.Destination is not null).Select(target => (target.Destination!, target.Sources))];
        if (from.IsEmpty || from == before?._from)
        {
            return from.IsEmpty ? Nobody : before!;
        }

        var reachable = new Dictionary<WorkloadIdentity, SortedSet<WorkloadIdentity>>();
        foreach (var (destination, sources) in from)
        {
            foreach (var source in sources)
            {
                if (!reachable.TryGetValue(source, out var destinations))
                {
                    reachable[source] = destinations = [];
                }

                destinations.Add(destination);
            }
        }

        return new(from, reachable.ToDictionary(entry => entry.Key, entry => Interned.List([.. entry.Value], before?.ReachableBy(entry.Key))));
    }
}
