using System.Globalization;
using System.Text;

namespace OsmExt.PluginHost.Cel;

/// <summary>What a word of an expression is.</summary>
internal enum CelWord
{
    End,
    Name,
    Sign,
    Value,
}

/// <param name="Word">What it is.</param>
/// <param name="Text">A name or a sign.</param>
/// <param name="Value">What a literal stands for.</param>
/// <param name="At">Where it begins, from 1.</param>
internal readonly record struct CelToken(CelWord Word, string Text, object? Value, int At);

/// <summary>Cuts the text of an expression into words.</summary>
internal static class CelTokens
{
    private static readonly string[] Signs = ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", ".", ",", "(", ")", "[", "]"];

    public static List<CelToken> Of(string text)
    {
        var (tokens, at) = (new List<CelToken>(), 0);
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            if (at == text.Length)
            {
                tokens.Add(new(CelWord.End, "", null, at + 1));
                return tokens;
            }

            var start = at;
            if (text[at] is '"' or '\'' || (text[at] == 'r' && at + 1 < text.Length && text[at + 1] is '"' or '\''))
            {
                tokens.Add(new(CelWord.Value, "", Quoted(text, ref at), start + 1));
            }
            else if (char.IsAsciiLetter(text[at]) || text[at] == '_')
            {
                while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
                {
                    at++;
                }

                tokens.Add(Named(text[start..at], start + 1));
            }
            else if (char.IsAsciiDigit(text[at]))
            {
                tokens.Add(new(CelWord.Value, "", Number(text, ref at), start + 1));
            }
            else if (Signs.FirstOrDefault(sign => string.CompareOrdinal(text, start, sign, 0, sign.Length) == 0) is { } found)
            {
                tokens.Add(new(CelWord.Sign, found, null, start + 1));
                at += found.Length;
            }
            else
            {
                throw new CelException($"'{text[at]}' has no meaning here", at + 1);
            }
        }
    }

    private static CelToken Named(string name, int at) => name switch
    {
        "true" => new(CelWord.Value, "", true, at),
        "false" => new(CelWord.Value, "", false, at),
        "null" => new(CelWord.Value, "", null, at),
        "in" => new(CelWord.Sign, name, null, at),
        _ => new(CelWord.Name, name, null, at),
    };

    private static object Number(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || (text[at] == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]))
            || (text[at] is '+' or '-' && text[at - 1] is 'e' or 'E')))
        {
            at++;
        }

        var word = text[start..at];
        return long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var whole) ? (object)whole
            : word.All(char.IsAsciiDigit) ? throw new CelException($"{word} is too large for a whole number", start + 1)
            : double.TryParse(word, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number) ? number
            : throw new CelException($"{word} is no number", start + 1);
    }

    private static string Quoted(string text, ref int at)
    {
        var (start, isRaw) = (at, text[at] == 'r');
        at += isRaw ? 1 : 0;
        var quote = text[at++];
        var result = new StringBuilder();
        while (at < text.Length && text[at] != quote)
        {
            if (text[at] != '\\' || isRaw)
            {
                result.Append(text[at++]);
                continue;
            }

            var letter = at + 1 < text.Length ? text[at + 1] : ' ';
            result.Append(letter switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '\\' or '"' or '\'' or '`' or '?' => letter,
                _ => throw new CelException($"\\{letter} stands for nothing; double the backslash, or write r in front of the text", at + 1),
            });
            at += 2;
        }

        if (at == text.Length)
        {
            throw new CelException("This text does not end", start + 1);
        }

        at++;
        return result.ToString();
    }
}
