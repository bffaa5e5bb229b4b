using System.Buffers;
using System.Globalization;

namespace OsmExt.Kubernetes.Views;

/// <summary>Durations as Go writes them: <c>300ms</c>, <c>1.5h</c>, <c>2h45m</c>, <c>0</c>.</summary>
internal static class GoDuration
{
    private static readonly (string Unit, decimal Ticks)[] Units =
    [
        // Longer names first: "ms" must not be read as "m".
        ("ns", 0.01m), ("us", 10), ("µs", 10), ("μs", 10), ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var rest = text.AsSpan();
        var negative = rest.StartsWith('-');
        rest = negative || rest.StartsWith('+') ? rest[1..] : rest;
        if (rest is "0")
        {
            return true;
        }

        var ticks = 0m;
        do
        {
            if (!TakeNumber(ref rest, out var number) || !TakeUnit(ref rest, out var unit))
            {
                return false;
            }

            ticks += number * unit;
        }
        while (!rest.IsEmpty && ticks < long.MaxValue);

        if (ticks >= long.MaxValue)
        {
            return false;
        }

        duration = TimeSpan.FromTicks((long)(negative ? -ticks : ticks));
        return true;
    }

    private static bool TakeNumber(ref ReadOnlySpan<char> rest, out decimal number)
    {
        var digits = rest[..Math.Max(rest.IndexOfAnyExcept(Digits), 0)];
        rest = rest[digits.Length..];

        // More digits would overflow the sum of ticks.
        number = 0;
        return digits.Length is > 0 and <= 17 && decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
    }

    private static bool TakeUnit(ref ReadOnlySpan<char> rest, out decimal ticks)
    {
        foreach (var (unit, value) in Units)
        {
            if (rest.StartsWith(unit, StringComparison.Ordinal))
            {
                rest = rest[unit.Length..];
                ticks = value;
                return true;
            }
        }

        ticks = 0;
        return false;
    }
}
