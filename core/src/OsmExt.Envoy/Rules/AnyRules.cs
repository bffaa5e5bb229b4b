using Google.Protobuf.WellKnownTypes;

namespace OsmExt.Envoy.Rules;

/// <summary>What is asked of packed messages: to be of certain types.</summary>
internal static class AnyRules
{
    public static IEnumerable<ValueRule> From(RuleReader reader)
    {
        var allowed = reader.TakeList("in").Cast<string>().ToArray();
        if (allowed.Length > 0)
        {
            yield return ValueRule.Of<Any>(
                any => allowed.Contains(any.TypeUrl, StringComparer.Ordinal) ? null : $"must be one of {string.Join(", ", allowed)}");
        }

        var refused = reader.TakeList("not_in").Cast<string>().ToArray();
        if (refused.Length > 0)
        {
            yield return ValueRule.Of<Any>(any => refused.Contains(any.TypeUrl, StringComparer.Ordinal) ? $"must not be {any.TypeUrl}" : null);
        }
    }
}
