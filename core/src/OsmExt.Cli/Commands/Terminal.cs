namespace OsmExt.Cli.Commands;

/// <summary>
/// Text of others on a terminal: names, what proxies and servers say. It must not move the cursor, change colours, or turn around what stands beside it.
/// </summary>
internal static class Terminal
{
    private const char Instead = '\uFFFD';

    /// <summary>One line, without anything that a terminal obeys.</summary>
    public static string Printable(string text) => text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 ? text : string.Create(text.Length, text, static (target, source) =>
    {
        for (var at = 0; at < target.Length; at++)
        {
            target[at] = source[at] is '\n' or '\r' or '\t' ? ' ' : IsObeyed(source[at]) ? Instead : source[at];
        }
    });

    /// <summary>The same with the lines it has.</summary>
    public static string PrintableLines(string text) => string.Join('\n', text.Split('\n').Select(Printable));

    // Control characters, both sets; what is invisible or changes the direction of writing; the two that end a line in some programs.
    private static bool IsObeyed(char letter) => char.IsControl(letter) || letter is (>= '\u200B' and <= '\u200F') or (>= '\u2028' and <= '\u202E') or (>= '\u2060' and <= '\u206F') or '\uFEFF';
}
