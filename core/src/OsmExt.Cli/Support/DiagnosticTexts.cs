using System.Reflection;

namespace OsmExt.Cli.Support;

/// <summary>What a diagnostic's code means.</summary>
/// <param name="Code">The code.</param>
/// <param name="Meaning">What is the matter.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record DiagnosticText(string Code, string Meaning, string Remedy);

/// <summary>The texts of all codes: the table of <c>core/docs/diagnostics.md</c>, which is in this program.</summary>
internal static class DiagnosticTexts
{
    /// <summary>All, in the order of their codes.</summary>
    public static IReadOnlyList<DiagnosticText> All { get; } = [.. Rows().OrderBy(row => row.Code, StringComparer.Ordinal)];

    private static IEnumerable<DiagnosticText> Rows()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("diagnostics.md")!);
        while (reader.ReadLine() is { } line)
        {
            if (line.Split('|', StringSplitOptions.TrimEntries) is ["", var code, var meaning, var remedy, ""] && code.StartsWith("OSM", StringComparison.Ordinal))
            {
                yield return new(code, Plain(meaning), Plain(remedy));
            }
        }
    }

    private static string Plain(string markdown) => markdown.Replace("`", "", StringComparison.Ordinal);
}
