using System.Text.Json;
using OsmExt.Fleet.Proxies;

namespace OsmExt.Fleet.Running;

/// <summary>Looks through what a control plane logged for what should not be there; that a proxy refused which was told to is as it should be.</summary>
internal static class LogReview
{
    private const int Shown = 5;

    /// <summary>Errors, the first few of each message in full; lines that are no log entry count, for a process that ends badly says so in its own words.</summary>
    public static IEnumerable<string> Errors(string log)
        => File.ReadLines(log).Where(line => line.Length > 0).Select(Error).OfType<string>().GroupBy(error => error, StringComparer.Ordinal).Take(Shown)
            .Select(group => $"the control plane logged {group.Count()} times: {group.Key}");

    private static string? Error(string line)
    {
        try
        {
            using var entry = JsonDocument.Parse(line);
            var level = entry.RootElement.GetProperty("LogLevel").GetString();
            var message = entry.RootElement.GetProperty("Message").GetString()!;
            var isExpected = level is not ("Error" or "Critical") || message.Contains(FleetProxy.Objection, StringComparison.Ordinal);
            return isExpected ? null : $"{level}: {message} {(entry.RootElement.TryGetProperty("Exception", out var exception) ? exception.GetString() : "")}";
        }
        catch (JsonException)
        {
            // What a killed process was about to write.
            return line.StartsWith('{') ? null : line;
        }
    }
}
