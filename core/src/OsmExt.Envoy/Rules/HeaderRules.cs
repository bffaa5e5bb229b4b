using System.Buffers;
using Validate;

namespace OsmExt.Envoy.Rules;

/// <summary>The two shapes of text the API names instead of spelling out: names and values of HTTP headers.</summary>
internal static class HeaderRules
{
    // The comma is no mistake here: upstream's pattern has the range from plus to full stop, and it decides.
    private static readonly SearchValues<char> NameLetters = SearchValues.Create(
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+,-.^_|~`");

    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\0\r\n");
    private static readonly SearchValues<char> Controls = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Append(127).Select(code => (char)code).Where(letter => letter != '\t')]);

    public static IEnumerable<Func<string, string?>> From(RuleReader reader)
    {
        var strict = reader.Take<bool>("strict") != false;
        var shape = reader.Take<KnownRegex>("well_known_regex");
        if (shape is null or KnownRegex.Unknown)
        {
            yield break;
        }

        if (!strict)
        {
            yield return text => text.AsSpan().ContainsAny(LineEnds) ? "must not contain line ends or NUL" : null;
        }
        else if (shape == KnownRegex.HttpHeaderName)
        {
            yield return text => IsName(text) ? null : "must be the name of an HTTP header";
        }
        else
        {
            yield return text => text.AsSpan().ContainsAny(Controls) ? "must be the value of an HTTP header, without control characters" : null;
        }
    }

    private static bool IsName(string text)
    {
        var name = text.StartsWith(':') ? text.AsSpan(1) : text;
        return name.Length > 0 && !name.ContainsAnyExcept(NameLetters);
    }
}
