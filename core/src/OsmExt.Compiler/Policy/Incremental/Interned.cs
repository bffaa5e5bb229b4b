using System.Runtime.InteropServices;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Policy.Incremental;

/// <summary>Puts what was there before in the place of what is equal to it, so that whoever compares sees at a glance what is the same.</summary>
internal static class Interned
{
    /// <summary>Services, in the mesh's order. If all are the earlier ones, so is the list.</summary>
    public static MeshService[] Services(MeshService[] now, MeshService[]? before)
    {
        if (before is null)
        {
            return now;
        }

        var (at, same) = (0, now.Length == before.Length);
        for (var index = 0; index < now.Length; index++)
        {
            while (at < before.Length && Compare(before[at], now[index]) < 0)
            {
                at++;
            }

            if (at < before.Length && (ReferenceEquals(now[index], before[at]) || now[index].Equals(before[at])))
            {
                now[index] = before[at];
            }

            same = same && ReferenceEquals(now[index], before[index]);
        }

        return same ? before : now;
    }

    /// <summary>A list that is the earlier one if it is equal to it.</summary>
    public static T[] List<T>(T[] now, T[]? before)
        => before is not null && now.AsSpan().SequenceEqual(before) ? before : now;

    /// <summary>Items in some order without repeats; those that are equal to the earlier one of that key are this one.</summary>
    public static T[] ByKey<TKey, T>(T[] now, T[]? before, Func<T, TKey> keyOf)
        where TKey : notnull
        where T : class
    {
        if (before is null || before.Length == 0)
        {
            return now;
        }

        var known = new Dictionary<TKey, T>(before.Length);
        foreach (var item in before)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(known, keyOf(item), out _) = item;
        }

        for (var index = 0; index < now.Length; index++)
        {
            now[index] = known.TryGetValue(keyOf(now[index]), out var earlier) && earlier.Equals(now[index]) ? earlier : now[index];
        }

        return List(now, before);
    }

    private static int Compare(MeshService one, MeshService other)
    {
        var order = ReferenceEquals(one, other) ? 0 : one.Name.CompareTo(other.Name);
        return order != 0 ? order : one.Port.CompareTo(other.Port);
    }
}
