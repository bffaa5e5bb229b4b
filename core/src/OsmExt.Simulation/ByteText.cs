using System.Text;

namespace OsmExt.Simulation;

/// <summary>
/// Envoy compares bytes. Here a byte is a character below 256, so that texts compare as Envoy's do; these turn ordinary text,
/// which travels as UTF-8, into that form and back.
/// </summary>
internal static class ByteText
{
    public static string Of(string text) => Ascii.IsValid(text) ? text : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>For people to read; bytes that are no UTF-8 show as replacement characters.</summary>
    public static string Show(string bytes) => Ascii.IsValid(bytes) ? bytes : Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(bytes));

    /// <summary>Lower case of ASCII letters only.</summary>
    public static string Lower(string text) => text.AsSpan().ContainsAnyInRange('A', 'Z')
        ? string.Create(text.Length, text, (span, source) =>
        {
            for (var index = 0; index < span.Length; index++)
            {
                span[index] = char.IsAsciiLetterUpper(source[index]) ? (char)(source[index] | 0x20) : source[index];
            }
        })
        : text;
}
