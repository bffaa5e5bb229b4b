using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;

namespace OsmExt.Cli.Verification;

/// <summary>How something that was looked at is.</summary>
internal enum CheckStatus
{
    /// <summary>As it should be.</summary>
    Success,

    /// <summary>It cannot be told.</summary>
    Unknown,

    /// <summary>Not as it should be.</summary>
    Failure,
}

/// <summary>Something that was looked at.</summary>
/// <param name="Context">What.</param>
/// <param name="Status">How it is.</param>
/// <param name="Reason">Why it is not as it should be; empty if it is.</param>
/// <param name="Suggestion">What to do; empty for nothing.</param>
internal sealed record Check(string Context, CheckStatus Status, string Reason = "", string Suggestion = "")
{
    /// <summary>What it is made up of.</summary>
    public ImmutableArray<Check> Parts { get; init; } = [];

    /// <summary>It is as it should be if it holds; else there are a reason and something to do.</summary>
    public static Check Of(string context, bool holds, string reason, string suggestion) => holds ? new(context, CheckStatus.Success) : new(context, CheckStatus.Failure, reason, suggestion);

    /// <summary>A whole of parts: as bad as the worst of them.</summary>
    public static Check All(string context, IEnumerable<Check> parts)
    {
        ImmutableArray<Check> all = [.. parts];
        return new(context, all.Select(part => part.Status).DefaultIfEmpty(CheckStatus.Success).Max()) { Parts = all };
    }

    /// <summary>As a document.</summary>
    public JsonObject ToJson() => new()
    {
        ["context"] = Context, ["status"] = Status.ToString(), ["reason"] = Reason, ["suggestion"] = Suggestion, ["parts"] = new JsonArray([.. Parts.Select(part => (JsonNode)part.ToJson())]),
    };

    /// <summary>For people: parts only where something is amiss.</summary>
    /// <param name="isColored">Whether statuses are coloured.</param>
    public string ToText(bool isColored)
    {
        const string ruler = "---------------------------------------------\n";
        var text = new StringBuilder(ruler);
        Write(text, 1, isColored);
        return text.Append(ruler).ToString();
    }

    private void Write(StringBuilder text, int depth, bool isColored)
    {
        text.Append('[').Append('+', depth).Append("] Context: ").Append(Context).Append('\n');
        text.Append("Status: ").Append(isColored ? $"\e[{(Status switch { CheckStatus.Success => 32, CheckStatus.Failure => 31, _ => 33 })}m{Status}\e[0m" : Status.ToString()).Append('\n');
        foreach (var (label, words) in new[] { ("Reason", Reason), ("Suggestion", Suggestion) }.Where(entry => entry.Item2.Length > 0))
        {
            text.Append(label).Append(": ").Append(words).Append('\n');
        }

        text.Append('\n');
        if (Status != CheckStatus.Success)
        {
            foreach (var part in Parts)
            {
                part.Write(text, depth + 1, isColored);
            }
        }
    }
}
