using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OsmExt.Compiler.Contributions;

/// <summary>
/// Names fields of a message, in the spelling of Envoy's API: <c>filter_chains[*].filters[name=tcp].typed_config.stat_prefix</c>. In brackets stands which
/// entries of a list are meant (all, by number from 0, or by the text of one of their fields), the key of a mapping, or <c>+</c> for one more entry.
/// </summary>
internal sealed partial class PatchPath
{
    private const string All = "*";
    private const string OneMore = "+";
    private readonly (string Text, bool IsSelector)[] _steps;

    private PatchPath((string, bool)[] steps) => _steps = steps;

    /// <summary>The path's first field.</summary>
    public string Beginning => _steps[0].Text;

    /// <summary>Null when it is none.</summary>
    public static PatchPath? Parse(string text) => Whole().IsMatch(text)
        ? new([.. Step().Matches(text).Select(step => step.Value.StartsWith('[') ? (step.Value[1..^1], true) : (step.Value, false))])
        : null;

    /// <summary>Sets what is named, and answers in how many places that was.</summary>
    /// <param name="tree">The message.</param>
    /// <param name="value">The value; null to remove.</param>
    public int Set(JsonObject tree, JsonNode? value) => Set(tree, 0, value);

    private int Set(JsonNode node, int at, JsonNode? value)
    {
        var (text, isSelector) = _steps[at];
        var isLast = at == _steps.Length - 1;
        switch (node)
        {
            case JsonObject fields when isLast && value is not null:
                fields[text] = value.DeepClone();
                return 1;
            case JsonObject fields when isLast:
                return fields.Remove(text) ? 1 : 0;
            case JsonObject fields when fields[text] is { } inner:
                return Set(inner, at + 1, value);
            case JsonObject fields when !isSelector && value is not null && IsNew(at + 1) is { } made:
                fields[text] = made;
                return Set(made, at + 1, value);
            case JsonArray list when text == OneMore && isLast && value is not null:
                list.Add(value.DeepClone());
                return 1;
            case JsonArray list when isSelector:
                var meant = Enumerable.Range(0, list.Count).Where(index => IsMeant(list[index], index, text)).Reverse().ToArray();
                return meant.Sum(index => isLast ? Replace(list, index, value) : list[index] is { } entry ? Set(entry, at + 1, value) : 0);
            default:
                return 0;
        }
    }

    // What is not there yet: a message of which a field is set, or a list that gets its first entry.
    private JsonNode? IsNew(int next) => _steps[next] switch
    {
        (OneMore, true) => new JsonArray(),
        (_, false) => new JsonObject(),
        _ => null,
    };

    private static int Replace(JsonArray list, int index, JsonNode? value)
    {
        if (value is null)
        {
            list.RemoveAt(index);
        }
        else
        {
            list[index] = value.DeepClone();
        }

        return 1;
    }

    private static bool IsMeant(JsonNode? entry, int index, string selector)
    {
        if (selector is All)
        {
            return true;
        }

        return selector.Split('=', 2) is [var field, var wanted]
            ? entry is JsonObject fields && string.Equals(fields[field]?.ToString(), wanted, StringComparison.Ordinal)
            : string.Equals(selector, index.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^[a-z0-9_]+(\.[a-z0-9_]+|\[[^\[\]]+\])*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Whole();

    [GeneratedRegex(@"\[[^\]]+\]|[a-z0-9_]+")]
    private static partial Regex Step();
}
