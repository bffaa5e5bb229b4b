using System.Text;

namespace OsmExt.Simulation.Matching;

/// <summary>
/// Writes a pattern that RE2 takes so that .NET means the same by it, for values of bytes. RE2's classes are ASCII, its
/// <c>$</c> is the very end, and it has a few spellings of its own.
/// </summary>
internal sealed class Re2Translation(string pattern)
{
    private static readonly Dictionary<string, string> Named = new(StringComparer.Ordinal)
    {
        ["alnum"] = "0-9A-Za-z", ["alpha"] = "A-Za-z", ["ascii"] = @"\x00-\x7F", ["blank"] = @"\t ", ["cntrl"] = @"\x00-\x1F\x7F",
        ["digit"] = "0-9", ["graph"] = "!-~", ["lower"] = "a-z", ["print"] = " -~", ["punct"] = @"!-/:-@\[-`{-~", ["space"] = @"\t-\r ",
        ["upper"] = "A-Z", ["word"] = "0-9A-Za-z_", ["xdigit"] = "0-9A-Fa-f",
    };

    private readonly StringBuilder _text = new(pattern.Length + 16);
    private int _at;

    /// <summary>Whether it uses word boundaries or case folding, which differ beyond ASCII.</summary>
    public bool AsciiOnly { get; private set; }

    /// <exception cref="NotSupportedException">It uses something that has no counterpart here.</exception>
    public string Translate()
    {
        while (_at < pattern.Length)
        {
            switch (pattern[_at])
            {
                case '\\':
                    Escape(inClass: false);
                    break;
                case '[':
                    Class();
                    break;
                case '(' when Peek(1) == '?':
                    Group();
                    break;
                // The value ends there and nowhere before: .NET's $ also stands before a last newline.
                case '$':
                    _text.Append(@"\z");
                    _at++;
                    break;
                case '#' or ' ':
                    _text.Append('\\').Append(pattern[_at++]);
                    break;
                case '.':
                    _text.Append(@"[^\n]");
                    _at++;
                    break;
                case '{' when !IsCount():
                    _text.Append(@"\{");
                    _at++;
                    break;
                default:
                    _text.Append(pattern[_at++]);
                    break;
            }
        }

        return _text.ToString();
    }

    private char Peek(int ahead) => _at + ahead < pattern.Length ? pattern[_at + ahead] : '\0';

    private bool IsCount()
    {
        var end = pattern.IndexOf('}', _at);
        var inside = end < 0 ? "" : pattern[(_at + 1)..end];
        return inside.Length > 0 && char.IsAsciiDigit(inside[0]) && inside.All(c => char.IsAsciiDigit(c) || c == ',')
            && inside.Count(c => c == ',') <= 1;
    }

    private void Group()
    {
        if (Peek(2) == 'P' || Peek(2) == '<')
        {
            // A name changes nothing about what matches.
            _at = pattern.IndexOf('>', _at) + 1;
            _text.Append('(');
            return;
        }

        var end = pattern.IndexOfAny([':', ')'], _at);
        var flags = pattern[(_at + 2)..end];
        if (flags.AsSpan().IndexOfAnyExcept("i-") >= 0)
        {
            throw new NotSupportedException($"the flags \"{flags}\" are not known");
        }

        AsciiOnly |= flags.Contains('i', StringComparison.Ordinal);
        _text.Append(pattern, _at, end + 1 - _at);
        _at = end + 1;
    }

    private void Class()
    {
        _at++;
        _text.Append('[');
        if (Peek(0) == '^')
        {
            _text.Append('^');
            _at++;
        }

        for (var first = true; first || Peek(0) != ']'; first = false)
        {
            switch (Peek(0))
            {
                case '\\':
                    Escape(inClass: true);
                    break;
                case '[' when Peek(1) == ':' && pattern.IndexOf(":]", _at, StringComparison.Ordinal) is > 0 and var end:
                    var name = pattern[(_at + 2)..end];
                    _text.Append(Named.GetValueOrDefault(name) ?? throw new NotSupportedException($"the class [:{name}:] is not known"));
                    _at = end + 2;
                    break;
                // Escaped, [a-[b]] is no subtraction as .NET would have it.
                case '[' or ']':
                    _text.Append('\\').Append(pattern[_at++]);
                    break;
                default:
                    _text.Append(pattern[_at++]);
                    break;
            }
        }

        _text.Append(']');
        _at++;
    }

    private void Escape(bool inClass)
    {
        var letter = Peek(1);
        _at += 2;
        switch (letter)
        {
            case 'd' or 's' or 'w':
                var set = letter switch { 'd' => "0-9", 's' => @"\t\n\f\r ", _ => "0-9A-Za-z_" };
                _text.Append(inClass ? set : $"[{set}]");
                break;
            case 'D' or 'S' or 'W':
                var not = letter switch { 'D' => "0-9", 'S' => @"\t\n\f\r ", _ => "0-9A-Za-z_" };
                _text.Append(inClass ? throw new NotSupportedException($@"\{letter} inside a class is not known") : $"[^{not}]");
                break;
            case 'b' or 'B':
                AsciiOnly = true;
                _text.Append('\\').Append(letter);
                break;
            case 'A' or 'z':
                _text.Append('\\').Append(letter);
                break;
            case 'C':
                _text.Append(@"[\x00-\xFF]");
                break;
            case 'Q':
                Quotation();
                break;
            case 'p' or 'P':
                throw new NotSupportedException(@"\p is not known");
            case 'x':
                Hexadecimal();
                break;
            case >= '0' and <= '7':
                Octal();
                break;
            case 'a' or 'f' or 't' or 'n' or 'r' or 'v':
                _text.Append('\\').Append(letter);
                break;
            default:
                Literal(letter);
                break;
        }
    }

    private void Quotation()
    {
        while (_at < pattern.Length && !(Peek(0) == '\\' && Peek(1) == 'E'))
        {
            Literal(pattern[_at++]);
        }

        _at = Math.Min(pattern.Length, _at + 2);
    }

    private void Hexadecimal()
    {
        var braces = Peek(0) == '{';
        var end = braces ? pattern.IndexOf('}', _at) : _at + 2;
        var digits = pattern[(braces ? _at + 1 : _at)..end];
        Literal(Byte(Convert.ToInt32(digits, 16)));
        _at = braces ? end + 1 : end;
    }

    private void Octal()
    {
        var start = _at - 1;
        while (_at < pattern.Length && _at - start < 3 && pattern[_at] is >= '0' and <= '7')
        {
            _at++;
        }

        Literal(Byte(Convert.ToInt32(pattern[start.._at], 8)));
    }

    private static char Byte(int value)
        => value < 0x80 ? (char)value : throw new NotSupportedException("characters beyond ASCII by number are not known");

    private void Literal(char c)
    {
        if (!char.IsAsciiLetterOrDigit(c) && c < 0x80)
        {
            _text.Append(System.Globalization.CultureInfo.InvariantCulture, $@"\x{(int)c:X2}");
        }
        else
        {
            _text.Append(c);
        }
    }
}
