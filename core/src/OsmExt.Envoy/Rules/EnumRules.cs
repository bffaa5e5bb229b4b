using System.Globalization;
using Google.Protobuf.Reflection;

namespace OsmExt.Envoy.Rules;

/// <summary>What is asked of enum values.</summary>
internal static class EnumRules
{
    public static IEnumerable<ValueRule> From(RuleReader reader, EnumDescriptor type)
    {
        if (reader.Take<bool>("defined_only") == true)
        {
            yield return ValueRule.Of<object>(value => type.FindValueByNumber((int)value) is null
                ? string.Create(CultureInfo.InvariantCulture, $"must be a value of {type.FullName}, is {(int)value}") : null);
        }

        var allowed = reader.Take<int>("const") is { } only ? [only] : reader.TakeList("in").Cast<int>().ToArray();
        if (allowed.Length > 0)
        {
            yield return ValueRule.Of<object>(value => allowed.Contains((int)value) ? null : $"must be one of {string.Join(", ", allowed.Select(Name))}");
        }

        var refused = reader.TakeList("not_in").Cast<int>().ToArray();
        if (refused.Length > 0)
        {
            yield return ValueRule.Of<object>(value => refused.Contains((int)value) ? $"must not be {Name((int)value)}" : null);
        }

        string Name(int number) => type.FindValueByNumber(number)?.Name ?? number.ToString(CultureInfo.InvariantCulture);
    }
}
