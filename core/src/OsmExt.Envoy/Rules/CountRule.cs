using System.Collections;
using System.Globalization;

namespace OsmExt.Envoy.Rules;

/// <summary>How many items a list, or entries a map, must have, and whether they may repeat.</summary>
internal sealed class CountRule(ulong least, ulong most, bool unique, bool ignoreEmpty, string noun)
{
    public static CountRule? For(RuleReader reader, string least, string most, string noun)
    {
        var rule = new CountRule(
            reader.Take<ulong>(least) ?? 0,
            reader.Take<ulong>(most) ?? ulong.MaxValue,
            reader.Take<bool>("unique") == true,
            reader.Take<bool>("ignore_empty") == true,
            noun);
        return rule.AsksNothing ? null : rule;
    }

    private bool AsksNothing => least == 0 && most == ulong.MaxValue && !unique;

    public void Check(ICollection items, RuleWalk walk)
    {
        var count = (ulong)items.Count;
        if (count == 0 && ignoreEmpty)
        {
            return;
        }

        if (count == 0 && least == 1)
        {
            walk.Report("must not be empty");
        }
        else if (count < least)
        {
            walk.Report(string.Create(CultureInfo.InvariantCulture, $"must have at least {least} {noun}, has {count}"));
        }
        else if (count > most)
        {
            walk.Report(string.Create(CultureInfo.InvariantCulture, $"must have at most {most} {noun}, has {count}"));
        }

        if (unique && items.Cast<object>().GroupBy(item => item).FirstOrDefault(group => group.Skip(1).Any()) is { } repeated)
        {
            walk.Report(string.Create(CultureInfo.InvariantCulture, $"must not have an item twice, has \"{repeated.Key}\" twice"));
        }
    }
}
