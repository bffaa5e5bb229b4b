using System.Globalization;
using System.Text;

namespace OsmExt.Envoy.Patterns;

/// <summary>A place in a pattern.</summary>
internal sealed class PatternCursor(string pattern)
{
    public int Position { get; private set; }

    public bool AtEnd => Position >= pattern.Length;

    public int Left => pattern.Length - Position;

    /// <summary>The character here; NUL at the end.</summary>
    public char Current => Peek(0);

    public char Peek(int ahead) => Position + ahead < pattern.Length ? pattern[Position + ahead] : '\0';

    public void Next() => Position++;

    public void Skip(int count) => Position += count;

    public bool Skip(char expected)
    {
        if (AtEnd || Current != expected)
        {
            return false;
        }

        Position++;
        return true;
    }

    public bool Skip(string expected)
    {
        if (!pattern.AsSpan(Position).StartsWith(expected, StringComparison.Ordinal))
        {
            return false;
        }

        Position += expected.Length;
        return true;
    }

    public int Find(string text, int from) => from < pattern.Length ? pattern.IndexOf(text, from, StringComparison.Ordinal) : -1;

    public string Text(int from, int to) => pattern[from..to];

    public Rune NextRune()
    {
        var rune = Rune.GetRuneAt(pattern, Position);
        Position += rune.Utf16SequenceLength;
        return rune;
    }

    public PatternException Error(string message) => new(Math.Min(Position, pattern.Length), message);

    /// <summary>
    /// A count such as <c>{2}</c>, <c>{2,}</c> or <c>{2,5}</c>. Anything else in braces is literal text for RE2, also a number with
    /// leading zeros or too many digits.
    /// </summary>
    public bool SkipCount(out int least, out int most)
    {
        (least, most) = (0, -1);
        var end = pattern.IndexOf('}', Position);
        if (end < 0)
        {
            return false;
        }

        var parts = pattern[(Position + 1)..end].Split(',');
        if (parts.Length > 2 || !TryNumber(parts[0], out least) || (parts is [_, { Length: > 0 } upper] && !TryNumber(upper, out most)))
        {
            return false;
        }

        most = parts.Length == 1 ? least : most;
        Position = end + 1;
        return true;
    }

    /// <summary>The character an escape stands for, and past it.</summary>
    public int NextEscaped()
    {
        var start = Position++;
        if (AtEnd)
        {
            throw new PatternException(start, "a backslash at the end");
        }

        var letter = Current;
        Position++;
        return letter switch
        {
            >= '1' and <= '7' when Current is < '0' or > '7' => throw new PatternException(start, "RE2 has no back references"),
            >= '0' and <= '7' => Octal(letter - '0'),
            'x' => Hexadecimal(start),
            'a' => '\a',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            < (char)0x80 when !char.IsAsciiLetterOrDigit(letter) => letter,
            _ => throw new PatternException(start, $"RE2 has no escape \\{(char.IsControl(letter) || letter >= 0x80 ? "" : letter)}"),
        };
    }

    private int Octal(int value)
    {
        for (var digits = 1; digits < 3 && Current is >= '0' and <= '7'; digits++)
        {
            value = (value * 8) + Current - '0';
            Position++;
        }

        // Three digits reach past a byte, which newer Envoys do not take.
        return value <= byte.MaxValue ? value : throw Error("a character beyond \\377");
    }

    private int Hexadecimal(int start)
    {
        var braces = Skip('{');
        var first = Position;
        while (char.IsAsciiHexDigit(Current) && (braces || Position < first + 2))
        {
            Position++;
        }

        var digits = pattern[first..Math.Min(Position, pattern.Length)];
        if (digits.Length == 0 || (braces ? !Skip('}') : digits.Length < 2))
        {
            throw new PatternException(start, "expected two hexadecimal digits, or some in braces");
        }

        // Envoy 1.40 reads patterns as bytes and refuses what is none.
        return int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= byte.MaxValue
            ? value
            : throw new PatternException(start, "newer Envoys match bytes and take no escape beyond \\xFF; write the character itself");
    }

    private static bool TryNumber(string digits, out int value)
    {
        value = 0;
        return digits.Length is > 0 and < 10 && digits.All(char.IsAsciiDigit) && (digits.Length == 1 || digits[0] != '0')
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
