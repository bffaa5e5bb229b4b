using System.Text.Json.Nodes;

namespace OsmExt.Cli.Comparison;

/// <summary>
/// Changed verdicts for scripts: <c>changes</c> (<c>from</c>, <c>to</c>, <c>before</c> and <c>after</c> with <c>verdict</c>, <c>status</c> and
/// <c>backends</c>, <c>because</c>, <c>requests</c>), how many requests were <c>decided</c> of how many <c>generated</c>, whether that
/// <c>cut</c> the list, and the pods that are <c>oneSided</c>.
/// </summary>
internal static class VerdictsDocument
{
    public static JsonObject Of(VerdictsDifference verdicts) => new()
    {
        ["changes"] = new JsonArray([.. verdicts.Changes.Select(Of)]),
        ["decided"] = verdicts.Decided,
        ["generated"] = verdicts.Generated,
        ["cut"] = verdicts.Decided < verdicts.Generated,
        ["oneSided"] = Strings(verdicts.OneSided),
    };

    private static JsonObject Of(VerdictChange change) => new()
    {
        ["from"] = Strings(change.From.Select(VerdictsText.Client)),
        ["to"] = change.To,
        ["before"] = Of(change.Before),
        ["after"] = Of(change.After),
        ["because"] = Strings(change.Because),
        ["requests"] = Strings(change.Requests.Select(RequestLine.Of)),
    };

    private static JsonObject Of(Effect effect) => new()
    {
        ["verdict"] = effect.Word,
        ["status"] = effect.Status,
        ["backends"] = effect.Shares,
    };

    private static JsonArray Strings(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
