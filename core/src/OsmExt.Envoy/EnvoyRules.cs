using Google.Protobuf;
using OsmExt.Envoy.Rules;

namespace OsmExt.Envoy;

/// <summary>A rule of Envoy's API that a message breaks; Envoy would refuse the message.</summary>
/// <param name="Path">The field, for example <c>filter_chains[0].filters[1].typed_config.stat_prefix</c>; empty for the message itself.</param>
/// <param name="Message">What the rule asks for, as a sentence without a full stop that has the field as its subject.</param>
internal sealed record RuleViolation(string Path, string Message)
{
    public override string ToString() => Path.Length == 0 ? Message : $"{Path}: {Message}";
}

/// <summary>
/// Checks what Envoy checks before it takes a resource: the validate rules of the API's own fields, patterns, and options it no longer
/// allows; inside packed messages of known types too.
/// </summary>
internal static class EnvoyRules
{
    /// <param name="message">What Envoy is going to be sent.</param>
    /// <param name="maxProgramSize">
    /// Envoy's limit for compiled patterns; another than its default only where the proxy's bootstrap sets the runtime key
    /// <c>re2.max_program_size.error_level</c> to it.
    /// </param>
    /// <param name="unpacked">Shared with whoever else looks at the message.</param>
    public static IReadOnlyList<RuleViolation> Check(
        IMessage message, int maxProgramSize = Re2.DefaultProgramSize, UnpackedMessages? unpacked = null)
    {
        var walk = new RuleWalk(maxProgramSize, unpacked ?? new());
        walk.Descend(message);
        return walk.Violations;
    }
}
