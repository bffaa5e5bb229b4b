using System.Globalization;

namespace OsmExt.Xds.Protocol;

/// <summary>Text of a client's, which may hold anything, made fit for logs, debug pages and terminals.</summary>
internal static class ClientText
{
    /// <summary>One line of no more than so many characters, without what a terminal obeys or a reader does not see.</summary>
    public static string Clean(string text, int most)
    {
        var cut = text.AsSpan(0, Math.Min(text.Length, most));
        return string.Create(cut.Length, cut, static (target, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                target[i] = IsPlain(source[i]) ? source[i] : ' ';
            }
        });
    }

    private static bool IsPlain(char letter) => char.IsAscii(letter) ? !char.IsControl(letter) : CharUnicodeInfo.GetUnicodeCategory(letter)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
