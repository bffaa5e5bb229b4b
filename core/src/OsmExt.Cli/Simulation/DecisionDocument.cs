using System.Text.Json.Nodes;
using OsmExt.Simulation;

namespace OsmExt.Cli.Simulation;

/// <summary>A decision as a document. Scripts read it, so its shape is kept.</summary>
internal static class DecisionDocument
{
    public static JsonObject Of(Decision decision) => new()
    {
        ["verdict"] = Word(decision.Verdict),
        ["status"] = decision.Status,
        ["grpcStatus"] = decision.GrpcStatus,
        ["reason"] = decision.Reason,
        ["backends"] = new JsonArray([.. decision.Backends
            .GroupBy(backend => NameOf(backend.Name), StringComparer.Ordinal)
            .Select(group => new JsonObject { ["name"] = group.Key, ["share"] = Math.Round(group.Sum(backend => backend.Share), 6) })]),
        ["path"] = Of(decision.Path),
        ["outcomes"] = new JsonArray([.. decision.Outcomes.Select(Of)]),
    };

    public static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Allow => "allow",
        Verdict.Deny => "deny",
        _ => "undecided",
    };

    /// <summary>The service of a cluster, which is named <c>NAMESPACE/SERVICE|PORT</c>; any other name as it is.</summary>
    public static string NameOf(string backend) => backend.IndexOf('|', StringComparison.Ordinal) is > 0 and var end ? backend[..end] : backend;

    private static JsonObject Of(Outcome outcome) => new()
    {
        ["share"] = Math.Round(outcome.Share, 6),
        ["backend"] = NameOf(outcome.Backend),
        ["verdict"] = Word(outcome.Allowed ? Verdict.Allow : Verdict.Deny),
        ["status"] = outcome.Reply.Status,
        ["grpcStatus"] = outcome.Reply.GrpcStatus,
        ["reason"] = outcome.Reply.Reason,
        ["path"] = Of(outcome.Path),
    };

    private static JsonArray Of(IEnumerable<Step> path) => new([.. path.Select(step => new JsonObject
    {
        ["at"] = step.At,
        ["element"] = step.Element,
        ["name"] = step.Name,
        ["detail"] = step.Detail,
    })]);
}
