namespace OsmExt.Compiler.Translation;

/// <summary>Looking up in what is sorted.</summary>
internal static class Sorted
{
    /// <summary>Where the first item is that does not come before the key; the length if all do.</summary>
    /// <param name="items">The items, sorted as <paramref name="compare"/> says.</param>
    /// <param name="key">What is looked for.</param>
    /// <param name="compare">Below zero for an item that comes before the key.</param>
    public static int FirstAtLeast<TItem, TKey>(ReadOnlySpan<TItem> items, TKey key, Func<TItem, TKey, int> compare)
    {
        var (low, high) = (0, items.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = compare(items[middle], key) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
