using System.Globalization;

namespace OsmExt.E2E;

/// <summary>Reads metrics in Prometheus' text format.</summary>
internal static class Prometheus
{
    /// <summary>The sum of a metric over all its labels; 0 when there is none.</summary>
    public static double Sum(string page, string name) => page.Split('\n')
        .Where(line => line.StartsWith(name + " ", StringComparison.Ordinal) || line.StartsWith(name + "{", StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
