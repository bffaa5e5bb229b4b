using System.Globalization;

namespace OsmExt.Cli.Commands;

/// <summary>Points in time as tables have them.</summary>
internal static class Times
{
    /// <summary>To the second; <c>-</c> when there is none.</summary>
    public static string Seconds(string? time) => time is null ? "-"
        : DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, out var at) ? at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) : time;
}
