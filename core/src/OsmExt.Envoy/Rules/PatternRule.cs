using System.Globalization;

namespace OsmExt.Envoy.Rules;

/// <summary>Asks that Envoy's regular expression engine takes the pattern.</summary>
internal sealed class PatternRule : ValueRule
{
    public override void Check(object value, RuleWalk walk)
    {
        if (Re2.Check((string)value, walk.MaxProgramSize) is { } error)
        {
            walk.Report(string.Create(CultureInfo.InvariantCulture, $"must be a pattern Envoy takes: {error.Message}, at character {error.Position + 1}"));
        }
    }
}
