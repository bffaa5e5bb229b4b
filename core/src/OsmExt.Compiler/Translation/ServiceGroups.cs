using OsmExt.Compiler.Endpoints;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>Services by the Kubernetes Service they are of, in the order of the names of the secrets that say whom to believe.</summary>
internal sealed class ServiceGroups
{
    private static readonly Comparer<ServiceKey> Order = Comparer<ServiceKey>.Create(Compare);

    private ServiceGroups(MeshService[][] all, ServiceKeys keys) => (All, Keys) = (all, keys);

    public MeshService[][] All { get; }

    public ServiceKeys Keys { get; }

    public static ServiceGroups Of(EquatableArray<MeshService> services)
    {
        MeshService[][] all = [.. services.GroupBy(KeyOf).OrderBy(group => group.Key, Order).Select(group => group.ToArray())];
        return new(all, new([.. all.Select(KeyOf)]));
    }

    public MeshService[] At(ServiceKey key) => Place(key) is var at && at < All.Length && KeyOf(All[at]) == key ? All[at] : [];

    /// <summary>The groups after a difference, those that it does not touch as they are.</summary>
    /// <param name="difference">The difference.</param>
    /// <param name="services">All services after it.</param>
    public ServiceGroups After(ServiceSetDifference difference, EquatableArray<MeshService> services)
    {
        var touched = difference.Gone.Concat(difference.New).Select(KeyOf).Distinct().ToDictionary(key => key, _ => new List<MeshService>());
        foreach (var service in services.AsSpan())
        {
            if (touched.TryGetValue(KeyOf(service), out var group))
            {
                group.Add(service);
            }
        }

        if (touched.All(group => group.Value.Count > 0 && At(group.Key).Length > 0))
        {
            MeshService[][] same = [.. All];
            foreach (var (key, group) in touched)
            {
                same[Place(key)] = [.. group];
            }

            return new(same, Keys);
        }

        var all = new List<MeshService[]>(All.Length + touched.Count);
        all.AddRange(All.Where(group => !touched.ContainsKey(KeyOf(group))).Concat(touched.Values.Where(group => group.Count > 0).Select(group => group.ToArray())));
        all.Sort((one, other) => Compare(KeyOf(one), KeyOf(other)));
        return new([.. all], new([.. all.Select(KeyOf)]));
    }

    /// <summary>Something made of each group, where what was made of the groups of an earlier set is taken from there.</summary>
    public T[] Made<T>(ServiceGroups? before, T[]? made, Func<MeshService[], T> make)
    {
        var result = new T[All.Length];
        var at = 0;
        for (var index = 0; index < result.Length; index++)
        {
            while (before is not null && at < before.All.Length && !ReferenceEquals(before.All[at], All[index]) && Compare(KeyOf(before.All[at]), KeyOf(All[index])) < 0)
            {
                at++;
            }

            result[index] = before is not null && at < before.All.Length && ReferenceEquals(before.All[at], All[index]) ? made![at++] : make(All[index]);
        }

        return result;
    }

    private static ServiceKey KeyOf(MeshService service) => ServiceKey.Of(service.Name);

    private static ServiceKey KeyOf(MeshService[] group) => KeyOf(group[0]);

    private int Place(ServiceKey key) => Sorted.FirstAtLeast<MeshService[], ServiceKey>(All, key, static (group, of) => Compare(KeyOf(group), of));

    // As NAMESPACE/NAME, which those names end with, without putting that together.
    private static int Compare(ServiceKey one, ServiceKey other)
    {
        var order = string.CompareOrdinal(one.Namespace, other.Namespace);
        if (order == 0)
        {
            return string.CompareOrdinal(one.Name, other.Name);
        }

        var length = Math.Min(one.Namespace.Length, other.Namespace.Length);
        var same = one.Namespace.AsSpan().CommonPrefixLength(other.Namespace);
        return same < length ? order : one.Namespace.Length < other.Namespace.Length ? '/' - other.Namespace[length] : one.Namespace[length] - '/';
    }
}

/// <summary>The Kubernetes Services of a set, known by reference.</summary>
internal sealed class ServiceKeys(ServiceKey[] all)
{
    public ServiceKey[] All => all;
}
