using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Status;

namespace OsmExt.ControlPlane.Reporting;

/// <summary>Makes statuses: the same facts give the same status, but for times, which <see cref="StatusTimes"/> adds.</summary>
internal static class Conditions
{
    private const int Quoted = 400;

    public static ObjectStatus Of(StatusSubject subject)
    {
        var against = subject.Findings.OrderByDescending(finding => finding.Severity).ThenBy(finding => finding).ToLookup(FindingRoles.ConditionOf);
        var (accepted, resolved) = (Accepted(subject, [.. against[ConditionTypes.Accepted]]), Unless([.. against[ConditionTypes.ResolvedRefs]], ConditionTypes.ResolvedRefs, "ResolvedRefs"));
        var conditions = new List<StatusCondition> { accepted, resolved };
        if (subject.Progress is { } progress)
        {
            conditions.Add(Counted(Programmed(accepted, resolved, progress), subject.OtherReplicas));
        }

        conditions.Add(Because([.. against[ConditionTypes.Conflicted]], ConditionTypes.Conflicted, "NoConflict"));
        conditions.Add(Degraded([.. against[ConditionTypes.Degraded]], subject.Progress));
        conditions.AddRange(subject.Stated.Select(stated => new StatusCondition(
            $"{stated.Plugin}/{stated.Condition.Type}", Of(stated.Condition.Holds), stated.Condition.Reason, stated.Condition.Message)));
        return new(subject.Object, subject.Resource?.Metadata.Generation, [.. conditions])
        {
            Proxies = subject.Progress?.Proxies, Targets = subject.Progress is { Targets: { Count: > 1 } targets } ? targets : [],
        };
    }

    private static StatusCondition Accepted(StatusSubject subject, Diagnostic[] against)
        => against.Length == 0 && subject.IsOutside
            ? new(ConditionTypes.Accepted, ConditionStatus.False, "NotInMesh", $"Namespace {subject.Object.Namespace} is not part of the mesh, so objects of this kind do not count there")
            : Unless(against, ConditionTypes.Accepted, "Accepted");

    private static StatusCondition Programmed(StatusCondition accepted, StatusCondition resolved, ObjectProgress progress)
    {
        var (selected, acknowledged) = progress.Proxies;
        return progress switch
        {
            { Refused: [var refusal, ..] } => No("Refused", Words(refusal)),
            { Held: > 0 and var held } => No("Held", $"{held} of {selected} proxies keep what they have, since a plugin they cannot do without failed"),
            _ when selected > 0 && acknowledged < selected => No("Pending", $"{acknowledged} of {selected} proxies have acknowledged all that was made of it"),
            { Behind: > 0 and var behind } => No("Pending", $"{behind} {(behind == 1 ? "replica has" : "replicas have")} not read it yet"),
            _ when selected > 0 => new(ConditionTypes.Programmed, ConditionStatus.True, "Programmed", selected == 1 ? "The proxy it is for has acknowledged all of it" : $"All {selected} proxies have acknowledged all of it"),
            _ when accepted.Status != ConditionStatus.True => No("NotAccepted", "Nothing is made of it"),
            _ when resolved.Status != ConditionStatus.True => No(resolved.Reason, "Nothing is made of it"),
            _ => No("NoProxies", "No proxy that is connected is to have anything of it"),
        };

        static StatusCondition No(string reason, string message) => new(ConditionTypes.Programmed, ConditionStatus.False, reason, message);
    }

    // What is said of proxies must not seem to be said of all.
    private static StatusCondition Counted(StatusCondition programmed, int others) => others == 0 ? programmed
        : programmed with { Message = $"{programmed.Message}; not counted are the proxies of {others} {(others == 1 ? "replica that has" : "replicas that have")} not said yet" };

    private static StatusCondition Degraded(Diagnostic[] findings, ObjectProgress? progress)
        => findings.Length == 0 && progress is { Refused: [var refusal, ..] }
            ? new(ConditionTypes.Degraded, ConditionStatus.True, "Refused", Words(refusal))
            : Because(findings, ConditionTypes.Degraded, "Whole");

    // A condition that is as it should be when nothing was found.
    private static StatusCondition Unless(Diagnostic[] findings, string type, string good)
        => findings.Length == 0 ? new(type, ConditionStatus.True, good, "") : new(type, ConditionStatus.False, FindingRoles.ReasonOf(findings[0]), Said(findings));

    // A condition that is there because something was found.
    private static StatusCondition Because(Diagnostic[] findings, string type, string good)
        => findings.Length == 0 ? new(type, ConditionStatus.False, good, "") : new(type, ConditionStatus.True, FindingRoles.ReasonOf(findings[0]), Said(findings));

    private static string Said(Diagnostic[] findings)
        => FindingRoles.MessageOf(findings[0]) + (findings.Length > 1 ? $" (and {findings.Length - 1} more)" : "");

    private static string Words(Compiler.Contributions.Refusal refusal)
        => $"{refusal.Proxy} refused {refusal.Resource} (\"{(refusal.Message.Length <= Quoted ? refusal.Message : $"{refusal.Message[..Quoted]}...")}\")";

    private static ConditionStatus Of(bool? holds) => holds switch
    {
        true => ConditionStatus.True,
        false => ConditionStatus.False,
        null => ConditionStatus.Unknown,
    };
}
