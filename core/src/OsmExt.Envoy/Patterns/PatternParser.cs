using System.Text;

namespace OsmExt.Envoy.Patterns;

/// <summary>Reads RE2's syntax, as Envoy sets the engine up: Perl's classes and groups, no look-around, no back references.</summary>
internal sealed class PatternParser(string pattern)
{
    // RE2 itself has no such limit; nobody needs a deeper pattern, and reading one must not exhaust the stack.
    private const int MaxDepth = 200;
    private const int MostCopies = 1000;

    // Beside the pattern's own: fail, match, and the loop that looks for a match from any place.
    private const int Overhead = 4;

    private readonly PatternCursor _cursor = new(pattern);
    private bool _ignoreCase;
    private bool _dotMatchesNewline;
    private int _depth;

    /// <summary>The size of the compiled program, at most.</summary>
    public long Parse()
    {
        if (IsIllFormed(out var position))
        {
            throw new PatternException(position, "half of a surrogate pair");
        }

        var piece = ParseAlternatives();
        return _cursor.AtEnd ? piece.Size + Overhead : throw _cursor.Error("a closing parenthesis without an opening one");
    }

    // Flags set inside a group end with it; those set in one alternative hold for the next.
    private Piece ParseAlternatives()
    {
        if (++_depth > MaxDepth)
        {
            throw _cursor.Error($"nested deeper than {MaxDepth} groups");
        }

        var flags = (_ignoreCase, _dotMatchesNewline);
        var all = ParseSequence();
        while (_cursor.Skip('|'))
        {
            all = all.Or(ParseSequence());
        }

        (_ignoreCase, _dotMatchesNewline) = flags;
        _depth--;
        return all;
    }

    private Piece ParseSequence()
    {
        var before = Piece.Empty;
        Piece? last = null;
        var lastIsRepetition = false;
        while (!_cursor.AtEnd && _cursor.Current is not ('|' or ')'))
        {
            var start = _cursor.Position;
            if (TryParseRepetition(out var least, out var most))
            {
                if (lastIsRepetition)
                {
                    throw new PatternException(start, "a repetition of a repetition");
                }

                last = Repeat(last ?? throw new PatternException(start, "nothing to repeat"), least, most, start);
                lastIsRepetition = true;
                continue;
            }

            lastIsRepetition = false;
            foreach (var piece in ParseAtom())
            {
                before = before.Then(last ?? Piece.Empty);
                last = piece;
            }
        }

        return before.Then(last ?? Piece.Empty);
    }

    private bool TryParseRepetition(out int least, out int most)
    {
        (least, most) = (0, -1);
        switch (_cursor.Current)
        {
            case '*':
                _cursor.Next();
                break;
            case '+':
                _cursor.Next();
                least = 1;
                break;
            case '?':
                _cursor.Next();
                most = 1;
                break;
            case '{' when _cursor.SkipCount(out least, out most):
                break;
            default:
                return false;
        }

        _cursor.Skip('?');
        return true;
    }

    private static Piece Repeat(Piece piece, int least, int most, int position)
    {
        if (least > MostCopies || most > MostCopies)
        {
            throw new PatternException(position, $"repeated more than {MostCopies} times");
        }

        if (most >= 0 && most < least)
        {
            throw new PatternException(position, "a repetition whose upper bound is less than its lower");
        }

        var repeated = (least, most) switch
        {
            (0, -1) => piece.Star(),
            (1, -1) => piece.Plus(),
            (0, 1) => piece.Optional(),
            _ => piece.Repeated(least, most),
        };
        return (least >= 2 || most >= 2) && repeated.Copies > MostCopies
            ? throw new PatternException(position, $"nested repetitions that come to more than {MostCopies} copies")
            : repeated;
    }

    // No piece: flags, or an empty quotation. Several: a quotation, of which a repetition takes the last.
    private IEnumerable<Piece> ParseAtom()
    {
        switch (_cursor.Current)
        {
            case '(' when _cursor.Peek(1) == '?':
                return ParsePerlGroup();
            case '(':
                _cursor.Next();
                return [ParseGroup(_cursor.Position - 1).Captured()];
            case '^' or '$':
                _cursor.Next();
                return [Piece.Assertion];
            case '.':
                _cursor.Next();
                return [Piece.Character(_dotMatchesNewline ? CharacterClass.AnyCost : CharacterClass.DotCost)];
            case '[':
                return [new ClassParser(_cursor, _ignoreCase).ParseBrackets()];
            case '\\':
                return ParseEscape();
            default:
                return [LiteralOf(_cursor.NextRune())];
        }
    }

    private Piece ParseGroup(int start)
    {
        var inside = ParseAlternatives();
        return _cursor.Skip(')') ? inside : throw new PatternException(start, "a group without its closing parenthesis");
    }

    private Piece[] ParsePerlGroup()
    {
        var start = _cursor.Position;
        _cursor.Skip("(?");
        if (_cursor.Current is '=' or '!' || (_cursor.Current == '<' && _cursor.Peek(1) is '=' or '!'))
        {
            throw new PatternException(start, "RE2 has no look-ahead or look-behind");
        }

        if (_cursor.Skip("P<") || _cursor.Skip("<"))
        {
            ParseName(start);
            return [ParseGroup(start).Captured()];
        }

        var outer = (_ignoreCase, _dotMatchesNewline);
        if (!ParseFlags(start))
        {
            return [];
        }

        var inside = ParseGroup(start);
        (_ignoreCase, _dotMatchesNewline) = outer;
        return [inside];
    }

    private void ParseName(int start)
    {
        var length = 0;
        while (!_cursor.AtEnd && (char.IsAsciiLetterOrDigit(_cursor.Current) || _cursor.Current == '_'))
        {
            _cursor.Next();
            length++;
        }

        if (length == 0 || !_cursor.Skip('>'))
        {
            throw new PatternException(start, "a group's name must consist of letters, digits and underscores, and end with >");
        }
    }

    // True when a group follows, false when the flags hold for the rest of the group they stand in.
    private bool ParseFlags(int start)
    {
        var (set, seen) = (true, true);
        while (!_cursor.AtEnd)
        {
            var flag = _cursor.Current;
            _cursor.Next();
            switch (flag)
            {
                case 'i':
                    (_ignoreCase, seen) = (set, true);
                    break;
                case 's':
                    (_dotMatchesNewline, seen) = (set, true);
                    break;
                case 'm' or 'U':
                    seen = true;
                    break;
                case '-' when set:
                    (set, seen) = (false, false);
                    break;
                case ':' or ')' when seen:
                    return flag == ':';
                default:
                    throw new PatternException(start, "RE2 has no such group; a group begins with (?:, (?P<name> or flags of i, m, s and U");
            }
        }

        throw new PatternException(start, "a group without its end");
    }

    private List<Piece> ParseEscape()
    {
        switch (_cursor.Peek(1))
        {
            case 'b' or 'B' or 'A' or 'z':
                _cursor.Skip(2);
                return [Piece.Assertion];
            case 'C':
                _cursor.Skip(2);
                return [Piece.Character(1)];
            case 'Q':
                _cursor.Skip(2);
                return ParseQuotation();
            default:
                return new ClassParser(_cursor, _ignoreCase).TryParseEscape() is { } piece
                    ? [piece]
                    : [LiteralOf(new Rune(_cursor.NextEscaped()))];
        }
    }

    private List<Piece> ParseQuotation()
    {
        var pieces = new List<Piece>();
        while (!_cursor.AtEnd && !_cursor.Skip(@"\E"))
        {
            pieces.Add(LiteralOf(_cursor.NextRune()));
        }

        return pieces;
    }

    private Piece LiteralOf(Rune rune)
    {
        // Most of every pattern are these; they need no set.
        if (!_ignoreCase || (rune.IsAscii && !char.IsAsciiLetter((char)rune.Value)))
        {
            return Piece.Character(rune.Utf8SequenceLength, unfolded: rune.IsAscii && char.IsAsciiLetter((char)rune.Value));
        }

        var set = new CharacterClass(_ignoreCase);
        set.Add(rune.Value, rune.Value);
        return set.Compiled(negated: false);
    }

    private bool IsIllFormed(out int position)
    {
        for (position = 0; position < pattern.Length; position++)
        {
            if (char.IsHighSurrogate(pattern[position]) && position + 1 < pattern.Length && char.IsLowSurrogate(pattern[position + 1]))
            {
                position++;
            }
            else if (char.IsSurrogate(pattern[position]))
            {
                return true;
            }
        }

        return false;
    }
}
