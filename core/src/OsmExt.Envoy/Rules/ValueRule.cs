using Google.Protobuf;

namespace OsmExt.Envoy.Rules;

/// <summary>Something a single value must satisfy.</summary>
internal abstract class ValueRule
{
    /// <summary>Asks for nothing.</summary>
    public static ValueRule None { get; } = new All([]);

    /// <summary>Checks the fields of a message value.</summary>
    public static ValueRule Nested { get; } = new Inside();

    public abstract void Check(object value, RuleWalk walk);

    /// <summary>A rule from a function that gives the complaint, or null.</summary>
    public static ValueRule Of<T>(Func<T, string?> complaint) => new Predicate<T>(complaint);

    /// <summary>All of the rules, in their order.</summary>
    public static ValueRule Every(IReadOnlyList<ValueRule> rules)
    {
        var needed = rules.Where(rule => rule != None).ToArray();
        return needed.Length switch
        {
            0 => None,
            1 => needed[0],
            _ => new All(needed),
        };
    }

    private sealed class All(ValueRule[] rules) : ValueRule
    {
        public override void Check(object value, RuleWalk walk)
        {
            foreach (var rule in rules)
            {
                rule.Check(value, walk);
            }
        }
    }

    private sealed class Inside : ValueRule
    {
        public override void Check(object value, RuleWalk walk) => walk.Descend((IMessage)value);
    }

    private sealed class Predicate<T>(Func<T, string?> complaint) : ValueRule
    {
        public override void Check(object value, RuleWalk walk)
        {
            if (complaint((T)value) is { } message)
            {
                walk.Report(message);
            }
        }
    }
}
