using System.Text;

namespace OsmExt.Cli.Comparison;

/// <summary>Changed verdicts for people: who, to what, from what to what, because of which object, and some of the requests.</summary>
internal static class VerdictsText
{
    private const int Shown = 3;

    /// <summary>Empty when no verdict changes and none was left out.</summary>
    public static string Of(VerdictsDifference verdicts)
    {
        var text = new StringBuilder();
        foreach (var change in verdicts.Changes)
        {
            text.Append("verdict ").AppendJoin(", ", change.From.Select(Client)).Append(" to ").Append(change.To).Append('\n')
                .Append("  - ").Append(change.Before).Append('\n')
                .Append("  + ").Append(change.After).Append('\n');
            foreach (var cause in change.Because)
            {
                text.Append("    ").Append(cause).Append('\n');
            }

            foreach (var request in change.Requests.Take(Shown))
            {
                text.Append("    ").Append(RequestLine.Of(request)).Append('\n');
            }

            if (change.Requests.Length > Shown)
            {
                text.Append("    and ").Append(change.Requests.Length - Shown).Append(" more requests\n");
            }
        }

        if (verdicts.Decided > 0)
        {
            text.Append(Summary(verdicts)).Append('\n');
        }

        if (verdicts.Decided > 0 && verdicts.OneSided.Length > 0)
        {
            text.Append("Not asked, as they are on one side only: ").AppendJoin(", ", verdicts.OneSided).Append(".\n");
        }

        return text.ToString();
    }

    public static string Client(string from) => from.Contains('/', StringComparison.Ordinal) ? from : "(no identity)";

    private static string Summary(VerdictsDifference verdicts)
    {
        var changed = verdicts.Changes.Sum(change => (long)change.Requests.Length * change.From.Length);
        var cut = verdicts.Decided < verdicts.Generated
            ? $"; {verdicts.Generated - verdicts.Decided} more that could be made were not decided (--requests)" : "";
        return FormattableString.Invariant($"{changed} of {verdicts.Decided} generated requests are decided otherwise{cut}.");
    }
}
