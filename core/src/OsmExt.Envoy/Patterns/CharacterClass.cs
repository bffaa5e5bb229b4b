namespace OsmExt.Envoy.Patterns;

/// <summary>A set of characters, to know how many instructions it takes to match one of them in UTF-8.</summary>
internal sealed class CharacterClass(bool ignoreCase)
{
    /// <summary>Any character beyond ASCII: three lengths of sequences that share their tails.</summary>
    private const int BeyondAsciiCost = 6;

    public const int AnyCost = 1 + BeyondAsciiCost;
    public const int DotCost = 2 + BeyondAsciiCost;
    private const int LastAscii = 0x7F;
    private const int Last = 0x10FFFF;

    // K and S have a third form each.
    private const int KelvinSign = 0x212A;
    private const int KelvinCost = 3;
    private const int LongS = 0x17F;
    private readonly List<(int First, int Last)> _ranges = [];
    private long _groups;

    public void Add(int first, int last)
    {
        _ranges.Add((first, last));
        if (!ignoreCase)
        {
            return;
        }

        AddFolded(first, last, 'A', 'Z', 'a' - 'A');
        AddFolded(first, last, 'a', 'z', 'A' - 'a');
        AddThirdForm('k', KelvinSign);
        AddThirdForm('s', LongS);

        // Beyond ASCII a letter has at most four forms, which lie anywhere.
        if (last > LastAscii && last < Last)
        {
            _groups += RangeCost(Math.Max(first, LastAscii + 1), last) * 3;
        }
    }

    /// <summary>Adds what is known by its cost only.</summary>
    public void AddGroup(long cost) => _groups += ignoreCase ? cost * 2 : cost;

    public void AddAll(IReadOnlyList<(int First, int Last)> ranges, bool negated)
    {
        var set = negated ? new CharacterClass(ignoreCase) : this;
        foreach (var (first, last) in ranges)
        {
            set.Add(first, last);
        }

        // The complement leaves out every form of a letter, so there is nothing more to fold.
        if (negated)
        {
            _ranges.AddRange(Complement(Merged(set._ranges)));
        }
    }

    /// <summary>The set, or its complement, as a piece of a pattern.</summary>
    public Piece Compiled(bool negated)
    {
        var ranges = Merged(_ranges);
        if (negated)
        {
            ranges = Complement(ranges);
        }

        // Where both cases of every letter are in, only the small ones are compiled, with a mark.
        var folds = Letters(ranges, 'A') == Letters(ranges, 'a');
        var saved = 0;
        var size = _groups;
        foreach (var (first, last) in ranges)
        {
            size += RangeCost(first, last);
            saved += folds && first >= 'A' && last <= 'Z' ? 1 : 0;
        }

        size -= saved;

        // The two cases of one letter are taken for that letter without case, which brings its third form along.
        var third = ranges is [{ First: 'K', Last: 'K' }, { First: 'k', Last: 'k' }] or [{ First: 'S', Last: 'S' }, { First: 's', Last: 's' }] ? KelvinCost : 0;
        return Piece.Character(size + third, saved, unfolded: !folds);
    }

    private void AddFolded(int first, int last, char from, char to, int distance)
    {
        if (Math.Max(first, from) is var low && Math.Min(last, to) is var high && low <= high)
        {
            _ranges.Add((low + distance, high + distance));
        }
    }

    private void AddThirdForm(int letter, int form)
    {
        if (_ranges.Any(range => Contains(range, letter)))
        {
            _ranges.AddRange([(letter, letter), (letter - 32, letter - 32), (form, form)]);
        }
    }

    private static bool Contains((int First, int Last) range, int value) => range.First <= value && value <= range.Last;

    // The letters from here to the 26th that are in, a bit each.
    private static uint Letters(List<(int First, int Last)> ranges, int from)
    {
        var letters = 0u;
        foreach (var (first, last) in ranges)
        {
            for (var letter = Math.Max(first, from); letter <= Math.Min(last, from + 25); letter++)
            {
                letters |= 1u << (letter - from);
            }
        }

        return letters;
    }

    private static List<(int First, int Last)> Merged(List<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>(ranges.Count);
        ranges.Sort();
        foreach (var range in ranges)
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }

    private static List<(int First, int Last)> Complement(List<(int First, int Last)> merged)
    {
        var rest = new List<(int First, int Last)>();
        var next = 0;
        foreach (var (first, last) in merged)
        {
            if (first > next)
            {
                rest.Add((next, first - 1));
            }

            next = last + 1;
        }

        if (next <= Last)
        {
            rest.Add((next, Last));
        }

        return rest;
    }

    // Split where the number of bytes changes, then where a tail of continuation bytes is not whole.
    private static long RangeCost(int first, int last)
    {
        if (first <= LastAscii)
        {
            return 1 + (last > LastAscii ? RangeCost(LastAscii + 1, last) : 0);
        }

        if (first == LastAscii + 1 && last == Last)
        {
            return BeyondAsciiCost;
        }

        var (length, longest) = first <= 0x7FF ? (2, 0x7FF) : first <= 0xFFFF ? (3, 0xFFFF) : (4, Last);
        if (last > longest)
        {
            return RangeCost(first, longest) + RangeCost(longest + 1, last);
        }

        for (var tail = 0x3F; tail < last; tail = (tail << 6) | 0x3F)
        {
            if ((first & ~tail) == (last & ~tail))
            {
                break;
            }

            if ((first & tail) != 0)
            {
                return RangeCost(first, first | tail) + RangeCost((first | tail) + 1, last);
            }

            if ((last & tail) != tail)
            {
                return RangeCost(first, (last & ~tail) - 1) + RangeCost(last & ~tail, last);
            }
        }

        return length;
    }
}
