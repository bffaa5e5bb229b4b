using System.Collections.Immutable;
using System.Globalization;
using Google.Protobuf;
using OsmExt.Envoy;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// A message that is to become a resource, or a part of one, with everything about it that does not depend on the proxy: whether
/// it keeps Envoy's rules, what it needs, its bytes. Proxies for which the message is the same share it.
/// </summary>
internal sealed class Draft
{
    private readonly ImmutableArray<string> _origins;
    private XdsResource? _resource;
    private Passed? _passed;

    /// <param name="message">The message; it must not change afterwards.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="origins">The objects it was made from.</param>
    public Draft(IMessage message, string name, ImmutableArray<string> origins)
        : this(message, message, name, origins)
    {
    }

    private Draft(IMessage message, IMessage head, string name, ImmutableArray<string> origins)
    {
        Message = message;
        Name = name;
        _origins = origins;
        var unpacked = new UnpackedMessages();
        Violation = EnvoyRules.Check(head, BootstrapConfig.MaxRegexProgram, unpacked) is [{ } first, ..] ? first : null;
        Types = [.. TypeUrlUse.In(head, unpacked)];
    }

    private Draft(IMessage message, string name, ImmutableArray<string> origins, Draft sample)
        => (Message, Name, _origins, Violation, Types) = (message, name, origins, sample.Violation, sample.Types);

    /// <summary>
    /// A message that differs from one looked at before in plain names only (<see cref="HostNames.ArePlain"/>). No rule minds these,
    /// so what was found there holds here.
    /// </summary>
    /// <param name="sample">The one looked at.</param>
    /// <param name="message">The message; it must not change afterwards.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="origins">The objects it was made from.</param>
    public static Draft Like(Draft sample, IMessage message, string name, ImmutableArray<string> origins) => new(message, name, origins, sample);

    /// <summary>A message whose parts were looked at before, so that only the rest of it has to be.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="head">The same without the parts.</param>
    /// <param name="field">The list the parts are in.</param>
    /// <param name="parts">The parts, in their order.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="origins">The objects it was made from.</param>
    public static Draft Of(IMessage message, IMessage head, string field, IReadOnlyList<Draft> parts, string name, ImmutableArray<string> origins)
    {
        var draft = new Draft(message, head, name, origins);
        for (var index = 0; index < parts.Count; index++)
        {
            draft.Add(parts[index], field, index);
        }

        return draft;
    }

    public IMessage Message { get; }

    public string Name { get; }

    /// <summary>The first rule it breaks, or null.</summary>
    public RuleViolation? Violation { get; private set; }

    /// <summary>The types its reader has to know, sorted.</summary>
    public ImmutableArray<string> Types { get; private set; }

    /// <summary>The resource as it may be sent to whoever has what it needs.</summary>
    public Passed Passed => _passed ??= new(Resource, null);

    public XdsResource Resource => _resource ??= XdsResource.Create(Message, Name, _origins);

    private void Add(Draft part, string field, int index)
    {
        if (Violation is null && part.Violation is { } found)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"{field}[{index}]");
            Violation = found with { Path = found.Path.Length == 0 ? path : $"{path}.{found.Path}" };
        }

        if (!part.Types.IsEmpty)
        {
            Types = [.. Types.Union(part.Types, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        }
    }
}
