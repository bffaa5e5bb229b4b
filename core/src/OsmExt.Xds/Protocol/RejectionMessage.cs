namespace OsmExt.Xds.Protocol;

/// <summary>Reads the text a client gives as the reason for refusing a response.</summary>
internal static class RejectionMessage
{
    private const int MaxLength = 4096;

    /// <summary>One line, fit for a log: the text is the client's and may hold anything.</summary>
    public static string Clean(string message) => ClientText.Clean(message, MaxLength);

    /// <summary>
    /// Whether the text speaks of this resource: the name stands there whole, so that a complaint about <c>payments</c>
    /// does not condemn <c>pay</c>.
    /// </summary>
    public static bool Names(string message, string name)
    {
        if (name.Length == 0)
        {
            return false;
        }

        for (var at = message.IndexOf(name, StringComparison.Ordinal); at >= 0; at = message.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            if (!Continues(message, at - 1, -1) && !Continues(message, at + name.Length, +1))
            {
                return true;
            }
        }

        return false;
    }

    // A dot or colon belongs to a name only when the name goes on behind it; otherwise it is punctuation.
    private static bool Continues(string text, int at, int step)
    {
        if (!InRange(text, at))
        {
            return false;
        }

        return char.IsLetterOrDigit(text[at])
            || text[at] is '-' or '_' or '/' or '|'
            || (text[at] is '.' or ':' && InRange(text, at + step) && char.IsLetterOrDigit(text[at + step]));
    }

    private static bool InRange(string text, int at) => at >= 0 && at < text.Length;
}
