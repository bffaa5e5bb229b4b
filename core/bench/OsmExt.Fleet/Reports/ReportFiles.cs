using System.Text.Json;

namespace OsmExt.Fleet.Reports;

/// <summary>Writes a run's report.</summary>
internal static class ReportFiles
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>As JSON, as tables and as HTML, named by the workload.</summary>
    public static IReadOnlyList<string> Write(RunReport report, string directory)
    {
        Directory.CreateDirectory(directory);
        var stem = Path.Combine(directory, report.Workload);
        File.WriteAllText($"{stem}.json", JsonSerializer.Serialize(report, Indented));
        File.WriteAllText($"{stem}.md", TableReport.Of(report) + "\n");
        File.WriteAllText($"{stem}.html", HtmlReport.Of(report));
        return [$"{stem}.json", $"{stem}.md", $"{stem}.html"];
    }
}
