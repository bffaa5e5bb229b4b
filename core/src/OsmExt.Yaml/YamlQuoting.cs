using System.Buffers;
using System.Globalization;
using System.Text;

namespace OsmExt.Yaml;

/// <summary>How a text is written so that it stays that text: plain, in double quotes, or as a block.</summary>
internal static class YamlQuoting
{
    private static readonly SearchValues<char> PlainInside = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@+=()%,;$~^*<>&| ");

    private static readonly SearchValues<char> Decimal = SearchValues.Create("0123456789.");

    // Whatever any version of YAML reads as null, a boolean or a number that begins with a letter.
    private static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity",
    };

    /// <summary>On one line, as a key must be.</summary>
    public static string SingleLine(string text) => IsPlain(text) ? text : Quote(text);

    /// <summary>On one line, or as a block whose lines are indented so far.</summary>
    public static string Text(string text, int indent) => IsBlock(text) ? Block(text, indent) : SingleLine(text);

    private static bool IsPlain(string text)
    {
        if (text.Length == 0 || text.AsSpan().ContainsAnyExcept(PlainInside) || text[^1] is ' ' or ':' || text.Contains(": ", StringComparison.Ordinal))
        {
            return false;
        }

        // A leading digit is plain only where no reader could see a number, date or time: addresses and durations.
        return char.IsAsciiLetter(text[0]) ? !Words.Contains(text)
            : text[0] is '/' or '_' || (char.IsAsciiDigit(text[0]) && (IsAddress(text) || IsDuration(text)));
    }

    private static bool IsAddress(string text)
        => text.Split('.') is { Length: 4 } parts && parts.All(part => part.Length is > 0 and < 4 && part.All(char.IsAsciiDigit));

    private static bool IsDuration(string text) => text[^1] == 's' && text.Count(letter => letter == '.') <= 1
        && text.AsSpan(0, text.Length - 1).IndexOfAnyExcept(Decimal) < 0 && char.IsAsciiDigit(text[^2]);

    // A block's indentation is found from its first line, and lines of blanks alone are read in more than one way.
    private static bool IsBlock(string text)
        => text.Contains('\n', StringComparison.Ordinal) && text[0] is not (' ' or '\t' or '\n')
            && text.EnumerateRunes().All(rune => rune.Value is '\n' or '\t' || IsPrintable(rune)) && IsWellFormed(text)
            && !text.Split('\n').Any(line => line.Length > 0 && string.IsNullOrWhiteSpace(line));

    private static string Block(string text, int indent)
    {
        var body = text.TrimEnd('\n');
        var block = new StringBuilder((text.Length - body.Length) switch { 0 => "|-", 1 => "|", _ => "|+" });
        foreach (var line in body.Split('\n'))
        {
            block.Append('\n').Append(' ', line.Length > 0 ? indent : 0).Append(line);
        }

        return block.Append('\n', Math.Max(0, text.Length - body.Length - 1)).ToString();
    }

    private static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' or '\\' => quoted.Append('\\').Append((char)rune.Value),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                _ when IsPrintable(rune) => quoted.Append(rune.ToString()),
                < 0x10000 => quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}"),
                _ => quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}"),
            };
        }

        return quoted.Append('"').ToString();
    }

    private static bool IsPrintable(Rune rune) => rune.Value is (>= 0x20 and < 0x7F) or > 0x9F and < 0xFFFE or > 0xFFFF
        && rune.Value is not (0x2028 or 0x2029 or 0xFEFF);

    // A lone surrogate is no text; the enumeration shows it as the replacement character, which quoting then writes.
    private static bool IsWellFormed(string text)
    {
        for (var at = 0; at < text.Length; at += char.IsSurrogate(text[at]) ? 2 : 1)
        {
            if (char.IsSurrogate(text[at]) && !(at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1])))
            {
                return false;
            }
        }

        return true;
    }
}
