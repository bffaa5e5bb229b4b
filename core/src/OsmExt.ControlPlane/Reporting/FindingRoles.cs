using System.Collections.Frozen;
using System.Reflection;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Status;

namespace OsmExt.ControlPlane.Reporting;

/// <summary>Which condition of its object a finding speaks against. Reasons are what the codes are called in <see cref="DiagnosticCodes"/>.</summary>
internal static class FindingRoles
{
    private static readonly FrozenDictionary<string, string> Names = typeof(DiagnosticCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .ToFrozenDictionary(field => (string)field.GetRawConstantValue()!, field => field.Name, StringComparer.Ordinal);

    /// <summary>The condition; null where the finding is worth knowing and nothing more.</summary>
    public static string? ConditionOf(Diagnostic finding) => finding switch
    {
        { Code: DiagnosticCodes.IgnoredObject } => ConditionTypes.Accepted,
        { Severity: Severity.Info } => null,
        { Code: DiagnosticCodes.DanglingReference or DiagnosticCodes.ReferenceNotGranted or DiagnosticCodes.MatchesNothing } => ConditionTypes.ResolvedRefs,
        { Code: DiagnosticCodes.Conflict or DiagnosticCodes.ContributionConflict or DiagnosticCodes.DuplicateObject or DiagnosticCodes.Overridden } => ConditionTypes.Conflicted,
        {
            Code: DiagnosticCodes.NotOffered or DiagnosticCodes.RefusedByProxy or DiagnosticCodes.InvalidResource or DiagnosticCodes.ContributionRefused
                or DiagnosticCodes.ContributionQuarantined or DiagnosticCodes.ConfigurationHeld or DiagnosticCodes.PluginFailed or DiagnosticCodes.PluginNotLoaded
        } => ConditionTypes.Degraded,
        { Severity: Severity.Error } => ConditionTypes.Accepted,
        // Part of the object is ignored or changed in meaning, and the rest has its effect.
        _ => ConditionTypes.Degraded,
    };

    /// <summary>The code in one word.</summary>
    public static string ReasonOf(Diagnostic finding) => Names.GetValueOrDefault(finding.Code, "Other");

    /// <summary>All of it in words.</summary>
    public static string MessageOf(Diagnostic finding) => $"{(finding.Field.Length > 0 ? $"{finding.Field}: " : "")}{finding.Message}. {finding.Advice}";
}
