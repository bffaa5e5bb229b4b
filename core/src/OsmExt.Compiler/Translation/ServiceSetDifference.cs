using System.Runtime.InteropServices;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>How little a set of services differs from another.</summary>
/// <param name="Gone">Services of the earlier one that are not in the later, by reference.</param>
/// <param name="New">Services of the later one that were not in the earlier.</param>
internal sealed record ServiceSetDifference(IReadOnlyList<MeshService> Gone, IReadOnlyList<MeshService> New)
{
    // With more, working everything out again is as cheap.
    private const int Most = 64;

    public bool IsNone => Gone.Count == 0 && New.Count == 0;

    public bool HasTcp => Gone.Concat(New).Any(service => !service.Protocol.IsHttp());

    /// <summary>Null when it is not little.</summary>
    public static ServiceSetDifference? Between(ReadOnlySpan<MeshService> before, ReadOnlySpan<MeshService> after)
    {
        var (gone, come) = (new List<MeshService>(), new List<MeshService>());
        if (before.Length != after.Length)
        {
            var start = before.CommonPrefixLength(after, ReferenceEqualityComparer.Instance);
            var left = before[start..];
            var right = after[start..];
            while (left.Length > 0 && right.Length > 0 && ReferenceEquals(left[^1], right[^1]))
            {
                left = left[..^1];
                right = right[..^1];
            }

            return left.Length + right.Length > Most ? null : new(left.ToArray(), right.ToArray());
        }

        for (var index = 0; index < before.Length; index++)
        {
            if (!ReferenceEquals(before[index], after[index]))
            {
                gone.Add(before[index]);
                come.Add(after[index]);
                if (gone.Count > Most)
                {
                    return null;
                }
            }
        }

        return new(gone, come);
    }

    /// <summary>The HTTP services by port after it.</summary>
    public SortedList<int, MeshService[]> Http(SortedList<int, MeshService[]> before)
    {
        var after = new SortedList<int, MeshService[]>(before);
        foreach (var port in Gone.Concat(New).Where(service => service.Protocol.IsHttp()).Select(service => service.Port).Distinct())
        {
            var gone = Gone.Where(service => service.Port == port).ToHashSet<MeshService>(ReferenceEqualityComparer.Instance);
            var services = before.GetValueOrDefault(port, []).Where(service => !gone.Contains(service)).ToList();
            foreach (var service in New.Where(service => service.Port == port && service.Protocol.IsHttp()))
            {
                var place = Sorted.FirstAtLeast<MeshService, string>(
                    CollectionsMarshal.AsSpan(services), Names.OutboundVirtualHost(service.Name), static (other, host) => string.CompareOrdinal(Names.OutboundVirtualHost(other.Name), host));
                services.Insert(place, service);
            }

            if (services.Count == 0)
            {
                after.Remove(port);
            }
            else
            {
                after[port] = [.. services];
            }
        }

        return after;
    }
}
