namespace OsmExt.Envoy.Patterns;

/// <summary>The classes RE2 has names or letters for; all of them are ASCII only.</summary>
internal static class AsciiGroups
{
    private static readonly (int First, int Last)[] Digits = [('0', '9')];
    private static readonly (int First, int Last)[] Word = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

    /// <summary>The class of a small letter after a backslash; the capital letter is its complement.</summary>
    public static IReadOnlyList<(int First, int Last)>? OfEscape(char letter) => letter switch
    {
        'd' => Digits,
        's' => [('\t', '\n'), ('\f', '\r'), (' ', ' ')],
        'w' => Word,
        _ => null,
    };

    /// <summary>The class of a name between <c>[:</c> and <c>:]</c>.</summary>
    public static IReadOnlyList<(int First, int Last)>? OfName(string name) => name switch
    {
        "alnum" => [('0', '9'), ('A', 'Z'), ('a', 'z')],
        "alpha" => [('A', 'Z'), ('a', 'z')],
        "ascii" => [(0, 0x7F)],
        "blank" => [('\t', '\t'), (' ', ' ')],
        "cntrl" => [(0, 0x1F), (0x7F, 0x7F)],
        "digit" => Digits,
        "graph" => [('!', '~')],
        "lower" => [('a', 'z')],
        "print" => [(' ', '~')],
        "punct" => [('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "space" => [('\t', '\r'), (' ', ' ')],
        "upper" => [('A', 'Z')],
        "word" => Word,
        "xdigit" => [('0', '9'), ('A', 'F'), ('a', 'f')],
        _ => null,
    };
}
