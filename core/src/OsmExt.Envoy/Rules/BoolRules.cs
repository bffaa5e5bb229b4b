namespace OsmExt.Envoy.Rules;

/// <summary>What is asked of booleans: to be the one value that means something.</summary>
internal static class BoolRules
{
    public static IEnumerable<ValueRule> From(RuleReader reader)
    {
        if (reader.Take<bool>("const") is { } only)
        {
            yield return ValueRule.Of<bool>(flag => flag == only ? null : $"must be {(only ? "true" : "false")}");
        }
    }
}
