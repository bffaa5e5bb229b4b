using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace OsmExt.DataPlane.Observation.Formats;

/// <summary>How a moment is printed: strftime's specifiers as far as Envoy's documentation uses them, and Envoy's own for fractions.</summary>
internal sealed class TimeFormat
{
    private readonly Action<StringBuilder, DateTimeOffset>[] _pieces;

    private TimeFormat(Action<StringBuilder, DateTimeOffset>[] pieces) => _pieces = pieces;

    /// <summary>Milliseconds in UTC.</summary>
    public static TimeFormat Standard { get; } = Parse("%Y-%m-%dT%H:%M:%S.%3fZ");

    /// <exception cref="FormatException">It has a specifier that is not carried out.</exception>
    public static TimeFormat Parse(string format)
    {
        var pieces = new List<Action<StringBuilder, DateTimeOffset>>();
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%')
            {
                var letter = format[at];
                pieces.Add((text, _) => text.Append(letter));
                continue;
            }

            var rest = format.AsSpan(at + 1);
            var digits = rest.Length > 1 && char.IsAsciiDigit(rest[0]) && rest[1] == 'f' ? rest[0] - '0' : 0;
            var seconds = rest.Length > 2 && rest[0] == 'E' && char.IsAsciiDigit(rest[1]) && rest[2] == 'S' ? rest[1] - '0' : 0;
            pieces.Add(digits > 0 ? Fraction(digits) : seconds > 0 ? Plain("ss") + Literal('.') + Fraction(seconds) : Specifier(rest.Length > 0 ? rest[0] : '\0'));
            at += digits > 0 ? 2 : seconds > 0 ? 3 : 1;
        }

        return new([.. pieces]);
    }

    public JsonNode Print(DateTimeOffset moment)
    {
        var text = new StringBuilder();
        foreach (var piece in _pieces)
        {
            piece(text, moment);
        }

        return JsonValue.Create(text.ToString());
    }

    private static Action<StringBuilder, DateTimeOffset> Specifier(char letter) => letter switch
    {
        'Y' => Plain("yyyy"),
        'm' => Plain("MM"),
        'd' => Plain("dd"),
        'H' => Plain("HH"),
        'M' => Plain("mm"),
        'S' => Plain("ss"),
        'b' => Plain("MMM"),
        'a' => Plain("ddd"),
        'F' => Plain("yyyy-MM-dd"),
        'T' => Plain("HH:mm:ss"),
        'z' => (text, _) => text.Append("+0000"),
        'Z' => (text, _) => text.Append("UTC"),
        's' => (text, moment) => text.Append(moment.ToUnixTimeSeconds()),
        'f' => Fraction(9),
        '%' => Literal('%'),
        _ => throw new FormatException($"%{letter} in a time is not carried out here"),
    };

    private static Action<StringBuilder, DateTimeOffset> Plain(string format)
        => (text, moment) => text.Append(moment.UtcDateTime.ToString(format, CultureInfo.InvariantCulture));

    private static Action<StringBuilder, DateTimeOffset> Literal(char letter) => (text, _) => text.Append(letter);

    private static Action<StringBuilder, DateTimeOffset> Fraction(int digits)
        => (text, moment) => text.Append((moment.UtcTicks % TimeSpan.TicksPerSecond * 100).ToString("D9", CultureInfo.InvariantCulture).AsSpan(0, digits));
}
