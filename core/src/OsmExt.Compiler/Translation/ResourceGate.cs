using OsmExt.Envoy;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// The last look at every resource before it may be sent: it keeps Envoy's own rules, and asks for nothing the proxy does not
/// have. What fails is left out and reported; the rest goes on. A listener or cluster that is missing carries no traffic, so
/// leaving out never opens anything.
/// </summary>
internal static class ResourceGate
{
    public static Passed Pass(Draft draft, ProxyScope scope)
    {
        if (draft is { Violation: null, Types.IsEmpty: true })
        {
            return draft.Passed;
        }

        var kind = draft.Message.Descriptor.Name;
        if (draft.Violation is { } violation)
        {
            return new(null, new(DiagnosticCodes.InvalidResource, Severity.Error, null, violation.Path,
                $"{kind} {draft.Name} for {scope.Identity} breaks a rule of Envoy's API ({violation.Message}) and is left out",
                "Look at the objects it was made from; what is already in force stays"));
        }

        var missing = draft.Types.Where(type => !scope.Capabilities.Offers(type)).ToArray();
        return missing.Length == 0
            ? draft.Passed
            : new(null, new(DiagnosticCodes.NotOffered, Severity.Error, null, "",
                $"{kind} {draft.Name} for {scope.Identity} needs {string.Join(", ", missing)}, which {scope.Capabilities} does not offer, so it is left out",
                "Use a build of Envoy with these extensions"));
    }
}

/// <summary>A resource that may be sent, or why it is left out.</summary>
/// <param name="Resource">The resource; null when it is left out.</param>
/// <param name="Finding">Why it is left out; null when it is not.</param>
internal sealed record Passed(XdsResource? Resource, Diagnostic? Finding);
