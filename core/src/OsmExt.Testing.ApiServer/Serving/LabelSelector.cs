using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>Conditions on labels, all of which must hold.</summary>
internal sealed partial record LabelSelector(IReadOnlyList<LabelSelector.Condition> Conditions)
{
    internal sealed record Condition(string Label, string Operator, IReadOnlyList<string> Values)
    {
        public bool Holds(JsonObject? labels)
        {
            var value = labels?.Text(Label);
            return Operator switch
            {
                "in" => value is not null && Values.Contains(value),
                "notin" => value is null || !Values.Contains(value),
                "exists" => value is not null,
                "absent" => value is null,
                _ => double.TryParse(value, CultureInfo.InvariantCulture, out var number) && double.TryParse(Values[0], CultureInfo.InvariantCulture, out var bound)
                    && (Operator == "gt" ? number > bound : number < bound),
            };
        }
    }

    public bool Matches(JsonObject value) => MatchesLabels(value.Metadata().Object("labels"));

    public bool MatchesLabels(JsonObject? labels) => Conditions.All(condition => condition.Holds(labels));

    /// <summary>The text of a query: <c>app=shop,tier in (web, api),!canary</c>.</summary>
    public static LabelSelector Parse(string text)
    {
        var conditions = new List<Condition>();
        for (var rest = text.Trim(); rest.Length > 0;)
        {
            var term = Term().Match(rest);
            if (!term.Success)
            {
                throw Refusal.BadRequest($"unable to parse requirement: found '{rest}', expected: a label, '!', or ',' between requirements");
            }

            var label = term.Groups["label"].Value;
            var values = term.Groups["set"].Success ? term.Groups["set"].Value.Split(',', StringSplitOptions.TrimEntries) : [term.Groups["value"].Value];
            conditions.Add(term.Groups["op"].Value switch
            {
                "" => new(label, term.Groups["not"].Success ? "absent" : "exists", []),
                "=" or "==" or "in" => new(label, "in", values),
                ">" => new(label, "gt", values),
                "<" => new(label, "lt", values),
                _ => new(label, "notin", values),
            });
            rest = rest[term.Length..];
        }

        return new(conditions);
    }

    /// <summary>The field of an object: <c>matchLabels</c> and <c>matchExpressions</c>.</summary>
    public static LabelSelector Of(JsonObject? selector)
    {
        var equal = selector?.Object("matchLabels")?.Select(label => new Condition(label.Key, "in", [label.Value.AsText() ?? ""])) ?? [];
        var others = selector?.Objects("matchExpressions").Select(expression => new Condition(
            expression.Text("key") ?? "",
            expression.Text("operator") switch { "In" => "in", "NotIn" => "notin", "Exists" => "exists", _ => "absent" },
            [.. expression.Texts("values")])) ?? [];
        return new([.. equal, .. others]);
    }

    [GeneratedRegex(@"^\s*(?<not>!)?\s*(?<label>[A-Za-z0-9][A-Za-z0-9_./-]*)\s*(?:(?<op>==|!=|=|>|<)\s*(?<value>[A-Za-z0-9_.-]*)|(?<op>notin|in)\s*\((?<set>[^)]*)\))?\s*(?:,|$)")]
    private static partial Regex Term();
}
