namespace OsmExt.Envoy.Patterns;

/// <summary>A part of a pattern, as far as its cost goes.</summary>
/// <param name="Size">Instructions it compiles to, at most.</param>
/// <param name="CanBeEmpty">Whether it matches the empty text.</param>
/// <param name="Copies">The product of the counted repetitions nested in it, which RE2 limits.</param>
/// <param name="EntersByJump">Whether what stands before it may need an extra instruction to get into it.</param>
/// <param name="Folded">Instructions saved because one can match both cases of a letter.</param>
/// <param name="Unfolded">Whether it has characters of one case only.</param>
internal readonly record struct Piece(long Size, bool CanBeEmpty, long Copies = 1, bool EntersByJump = false, long Folded = 0, bool Unfolded = false)
{
    // No pattern needs more than this to be too large, and sums of such never overflow.
    private const long Enough = 1_000_000_000;

    public static Piece Empty { get; } = new(0, true);

    /// <summary>Takes no text: an anchor or a word boundary.</summary>
    public static Piece Assertion { get; } = new(1, true);

    /// <summary>Takes one character.</summary>
    public static Piece Character(long size, long folded = 0, bool unfolded = false) => new(size, false, Folded: folded, Unfolded: unfolded);

    public Piece Then(Piece next) => new(
        Math.Min(Enough, Size + next.Size),
        CanBeEmpty && next.CanBeEmpty,
        Math.Max(Copies, next.Copies),
        Size == 0 ? next.EntersByJump : EntersByJump,
        Math.Min(Enough, Folded + next.Folded),
        Unfolded || next.Unfolded);

    public Piece Or(Piece other)
    {
        // RE2 merges alternatives of one character into a class; with others among them, letters no longer fold.
        var folded = Math.Min(Enough, Folded + other.Folded);
        var unfolded = Unfolded || other.Unfolded;
        var jumps = (EntersByJump || CanBeEmpty ? 1 : 0) + (other.EntersByJump || other.CanBeEmpty ? 1 : 0);
        return new(
            Math.Min(Enough, Size + other.Size + jumps + (unfolded ? folded : 0)),
            CanBeEmpty || other.CanBeEmpty,
            Math.Max(Copies, other.Copies),
            true,
            unfolded ? 0 : folded,
            unfolded);
    }

    /// <summary>In parentheses that remember what they matched.</summary>
    public Piece Captured() => this with { Size = Size + 2, EntersByJump = false };

    public Piece Star() => CanBeEmpty ? Plus().Optional() : this with { Size = Size + 2, CanBeEmpty = true, EntersByJump = true };

    public Piece Plus() => this with { Size = Size + 2, EntersByJump = true };

    public Piece Optional() => this with { Size = Size + 2, CanBeEmpty = true, EntersByJump = true };

    /// <summary>Repeated as often as said; no upper bound if <paramref name="most"/> is negative.</summary>
    public Piece Repeated(int least, int most)
    {
        // Where patterns are bytes, what is repeated is only the last byte of a character; none of it leaves the others.
        var copies = Math.Max(1, most < 0 ? least : most);
        var size = (Size * copies) + (most < 0 ? 4 : 2L * (most - least));
        return this with
        {
            Size = Math.Min(Enough, size),
            CanBeEmpty = CanBeEmpty || least == 0,
            Copies = Copies * copies,
            EntersByJump = EntersByJump || least == 0,
            Folded = Math.Min(Enough, Folded * copies),
        };
    }
}
