namespace OsmExt.Compiler.Comparison;

/// <summary>The longest common subsequence of two lists.</summary>
internal static class Alignment
{
    // Beyond this the table would take more memory than the answer is worth; what is between the common ends is then all different.
    private const long MostCells = 4_000_000;

    /// <summary>Positions of equal entries, in order: in the first list and in the second.</summary>
    public static IEnumerable<(int First, int Second)> Of(string[] first, string[] second)
    {
        var start = 0;
        while (start < first.Length && start < second.Length && Same(start, start))
        {
            yield return (start, start);
            start++;
        }

        var (firstEnd, secondEnd) = (first.Length, second.Length);
        while (firstEnd > start && secondEnd > start && Same(firstEnd - 1, secondEnd - 1))
        {
            (firstEnd, secondEnd) = (firstEnd - 1, secondEnd - 1);
        }

        foreach (var pair in Middle(start, firstEnd, secondEnd))
        {
            yield return pair;
        }

        for (var offset = 0; firstEnd + offset < first.Length; offset++)
        {
            yield return (firstEnd + offset, secondEnd + offset);
        }

        bool Same(int i, int j) => string.Equals(first[i], second[j], StringComparison.Ordinal);

        IEnumerable<(int First, int Second)> Middle(int from, int firstTo, int secondTo)
        {
            var (rows, columns) = (firstTo - from, secondTo - from);
            if ((long)rows * columns > MostCells)
            {
                yield break;
            }

            var longest = new int[rows + 1, columns + 1];
            for (var i = rows - 1; i >= 0; i--)
            {
                for (var j = columns - 1; j >= 0; j--)
                {
                    longest[i, j] = Same(from + i, from + j) ? longest[i + 1, j + 1] + 1 : Math.Max(longest[i + 1, j], longest[i, j + 1]);
                }
            }

            for (var (i, j) = (0, 0); i < rows && j < columns;)
            {
                if (Same(from + i, from + j))
                {
                    yield return (from + i++, from + j++);
                }
                else if (longest[i + 1, j] >= longest[i, j + 1])
                {
                    i++;
                }
                else
                {
                    j++;
                }
            }
        }
    }
}
