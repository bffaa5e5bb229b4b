namespace OsmExt.Envoy.Patterns;

/// <summary>Reads what stands for one character of several: brackets, Perl's classes, Unicode's.</summary>
internal sealed class ClassParser(PatternCursor cursor, bool ignoreCase)
{
    private readonly CharacterClass _set = new(ignoreCase);
    private bool _complement;

    /// <summary>The bracket expression that begins here.</summary>
    public Piece ParseBrackets()
    {
        var start = cursor.Position;
        cursor.Next();
        _complement = cursor.Skip('^');

        // A closing bracket in first place is a literal one.
        for (var first = true; first || cursor.Current != ']' || cursor.AtEnd; first = false)
        {
            if (cursor.AtEnd)
            {
                throw new PatternException(start, "a bracket without its closing one");
            }

            if (!TryParsePosixClass() && !TryAddEscape())
            {
                ParseRange();
            }
        }

        cursor.Next();
        return _set.Compiled(_complement);
    }

    /// <summary>An escape that stands for a class, such as <c>\d</c> or <c>\pL</c>, or null.</summary>
    public Piece? TryParseEscape() => TryAddEscape() ? _set.Compiled(negated: false) : null;

    private bool TryAddEscape()
    {
        if (cursor.Current != '\\')
        {
            return false;
        }

        var letter = cursor.Peek(1);
        if (letter is 'p' or 'P')
        {
            ParseUnicodeClass(negated: letter == 'P');
            return true;
        }

        if (AsciiGroups.OfEscape(char.ToLowerInvariant(letter)) is not { } ranges)
        {
            return false;
        }

        cursor.Skip(2);
        _set.AddAll(ranges, negated: char.IsAsciiLetterUpper(letter));
        return true;
    }

    private void ParseUnicodeClass(bool negated)
    {
        var start = cursor.Position;
        cursor.Skip(2);
        if (cursor.AtEnd)
        {
            throw new PatternException(start, @"\p must be followed by the name of a class");
        }

        string name;
        if (cursor.Skip('{'))
        {
            var end = cursor.Find("}", cursor.Position);
            if (end < 0)
            {
                throw new PatternException(start, "a class name without its closing brace");
            }

            name = cursor.Text(cursor.Position, end);
            cursor.Skip(name.Length + 1);
        }
        else
        {
            name = cursor.NextRune().ToString();
        }

        if (name.StartsWith('^'))
        {
            (negated, name) = (!negated, name[1..]);
        }

        _set.AddGroup(UnicodeGroups.CostOf(name, negated ^ _complement)
            ?? throw new PatternException(start, $"no Unicode class \"{name}\" that every Envoy knows"));
    }

    // "[:" without ":]" is two literal characters.
    private bool TryParsePosixClass()
    {
        var start = cursor.Position;
        var end = cursor.Current == '[' && cursor.Peek(1) == ':' ? cursor.Find(":]", start + 2) : -1;
        if (end < 0)
        {
            return false;
        }

        var name = cursor.Text(start + 2, end);
        var negated = name.StartsWith('^');
        _set.AddAll(
            AsciiGroups.OfName(negated ? name[1..] : name) ?? throw new PatternException(start, $"no character class [:{name}:]"), negated);
        cursor.Skip(end + 2 - start);
        return true;
    }

    private void ParseRange()
    {
        var start = cursor.Position;
        var first = ParseCharacter();
        var last = first;
        if (cursor.Current == '-' && cursor.Left > 1 && cursor.Peek(1) != ']')
        {
            cursor.Next();
            last = ParseCharacter();
        }

        if (last < first)
        {
            throw new PatternException(start, "a range whose end comes before its beginning");
        }

        _set.Add(first, last);
    }

    private int ParseCharacter() => cursor.Current == '\\' ? cursor.NextEscaped() : cursor.NextRune().Value;
}
