using System.Security.Cryptography;

namespace OsmExt.DataPlane;

/// <summary>Draws numbers, for many threads at once.</summary>
/// <param name="seeded">What repeats itself, for tests; null for what nobody can foresee.</param>
internal sealed class Chance(Random? seeded = null)
{
    /// <summary>From 0 up to, but not, 1.</summary>
    public double NextDouble() => NextInt64() / (double)long.MaxValue is < 1 and var drawn ? drawn : 0;

    public int Next(int below) => (int)(NextInt64() % below);

    /// <summary>One of these by weight; with a single one there is nothing to draw.</summary>
    public T Pick<T>(IReadOnlyList<T> items, Func<T, double> weight)
    {
        if (items.Count == 1)
        {
            return items[0];
        }

        var at = NextDouble() * items.Sum(weight);
        foreach (var item in items)
        {
            at -= weight(item);
            if (at < 0)
            {
                return item;
            }
        }

        return items[^1];
    }

    public long NextInt64()
    {
        if (seeded is not null)
        {
            lock (seeded)
            {
                return seeded.NextInt64();
            }
        }

        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToInt64(bytes) & long.MaxValue;
    }
}
