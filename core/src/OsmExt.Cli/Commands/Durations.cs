using System.CommandLine.Parsing;
using System.Globalization;

namespace OsmExt.Cli.Commands;

/// <summary>Durations on the command line: <c>0:05:00</c> as everywhere in this program, or <c>5m</c>, <c>90s</c>, <c>1h</c> as kubectl and helm have them.</summary>
internal static class Durations
{
    /// <summary>Reads one.</summary>
    public static TimeSpan Parse(ArgumentResult argument)
    {
        var text = argument.Tokens[^1].Value;
        if (Read(text) is { } duration)
        {
            return duration;
        }

        argument.AddError($"\"{text}\" is no duration; write H:MM:SS, or 90s, 5m, 1h30m");
        return default;
    }

    /// <summary>Reads one; null when it is none.</summary>
    public static TimeSpan? Read(string text)
    {
        if (text == "0")
        {
            return TimeSpan.Zero;
        }

        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var clock) && clock >= TimeSpan.Zero ? clock : null;
        }

        var total = TimeSpan.Zero;
        var number = 0L;
        var digits = 0;
        foreach (var letter in text)
        {
            if (char.IsAsciiDigit(letter) && digits < 9)
            {
                (number, digits) = ((number * 10) + letter - '0', digits + 1);
                continue;
            }

            var unit = letter switch { 'h' => TimeSpan.FromHours(1), 'm' => TimeSpan.FromMinutes(1), 's' => TimeSpan.FromSeconds(1), _ => TimeSpan.Zero };
            if (digits == 0 || unit == TimeSpan.Zero)
            {
                return null;
            }

            (total, number, digits) = (total + (unit * number), 0, 0);
        }

        return digits == 0 && text.Length > 0 ? total : null;
    }
}
