using System.Collections.Immutable;
using Google.Protobuf;
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
    public static XdsResource? Pass(IMessage message, string name, ImmutableArray<string> origins, ProxyScope scope, ICollection<Diagnostic> diagnostics)
    {
        var kind = message.Descriptor.Name;
        if (EnvoyRules.Check(message, BootstrapConfig.MaxRegexProgram) is { Count: > 0 } violations)
        {
            diagnostics.Add(new(DiagnosticCodes.InvalidResource, Severity.Error, null, violations[0].Path,
                $"{kind} {name} for {scope.Identity} breaks a rule of Envoy's API ({violations[0].Message}) and is left out",
                "Look at the objects it was made from; what is already in force stays"));
            return null;
        }

        var missing = TypeUrlUse.In(message).Where(type => !scope.Capabilities.Offers(type)).Order(StringComparer.Ordinal).ToArray();
        if (missing.Length > 0)
        {
            diagnostics.Add(new(DiagnosticCodes.NotOffered, Severity.Error, null, "",
                $"{kind} {name} for {scope.Identity} needs {string.Join(", ", missing)}, which {scope.Capabilities} does not offer, so it is left out",
                "Use a build of Envoy with these extensions"));
            return null;
        }

        return XdsResource.Create(message, name, origins);
    }
}
