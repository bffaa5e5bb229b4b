using System.Collections;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace OsmExt.Envoy.Rules;

/// <summary>Bounds and lists of allowed values, for numbers of every width and for durations.</summary>
internal static class RangeRules
{
    public static IEnumerable<ValueRule> OfNumbers(RuleReader reader)
        => From(reader, value => (IComparable)value, value => Convert.ToString(value, CultureInfo.InvariantCulture)!);

    public static IEnumerable<ValueRule> OfDurations(RuleReader reader)
        => From(reader, value => ((Duration)value).Seconds * 1_000_000_000m + ((Duration)value).Nanos, value => value.ToString()!.Trim('"'));

    private static IEnumerable<ValueRule> From(RuleReader reader, Func<object, IComparable> key, Func<object, string> text)
    {
        var asked = new List<string>();
        IComparable? Bound(string kind, string words)
        {
            if (reader.Take(kind) is not { } bound)
            {
                return null;
            }

            asked.Add($"{words} {text(bound)}");
            return key(bound);
        }

        var greater = Bound("gt", "more than");
        var least = Bound("gte", "at least");
        var less = Bound("lt", "less than");
        var most = Bound("lte", "at most");
        if (asked.Count > 0)
        {
            var rule = string.Join(" and ", asked);
            yield return ValueRule.Of<object>(value => key(value) is var given
                && (greater is null || given.CompareTo(greater) > 0) && (least is null || given.CompareTo(least) >= 0)
                && (less is null || given.CompareTo(less) < 0) && (most is null || given.CompareTo(most) <= 0)
                    ? null
                    : $"must be {rule}, is {text(value)}");
        }

        foreach (var rule in Choices(reader, key, text))
        {
            yield return rule;
        }
    }

    private static IEnumerable<ValueRule> Choices(RuleReader reader, Func<object, IComparable> key, Func<object, string> text)
    {
        var allowed = reader.Take("const") is { } only ? [only] : reader.TakeList("in").Cast<object>().ToArray();
        if (allowed.Length > 0)
        {
            yield return ValueRule.Of<object>(value => allowed.Any(choice => key(choice).CompareTo(key(value)) == 0)
                ? null : $"must be one of {string.Join(", ", allowed.Select(text))}, is {text(value)}");
        }

        var refused = ((IEnumerable)reader.TakeList("not_in")).Cast<object>().ToArray();
        if (refused.Length > 0)
        {
            yield return ValueRule.Of<object>(value => refused.Any(choice => key(choice).CompareTo(key(value)) == 0) ? $"must not be {text(value)}" : null);
        }
    }
}
