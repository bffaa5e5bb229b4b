using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace OsmExt.Envoy.Rules;

/// <summary>One check of a message: where it stands and what it has found.</summary>
internal sealed class RuleWalk(int maxProgramSize, UnpackedMessages unpacked)
{
    private readonly List<RuleViolation> _violations = [];

    public IReadOnlyList<RuleViolation> Violations => _violations;

    public FieldPath Path { get; } = new();

    public int MaxProgramSize => maxProgramSize;

    public void Report(string message) => _violations.Add(new(Path.ToString(), message));

    /// <summary>Checks a message and everything in it.</summary>
    public void Descend(IMessage message)
    {
        if (message is Any any)
        {
            Unpack(any);
        }
        else
        {
            MessageRules.For(message.Descriptor).Check(message, this);
        }
    }

    // An unknown type may be newer than this build; whether the proxy offers it is another question.
    private void Unpack(Any any)
    {
        if (SharedAny.TryGet(any, out _))
        {
            return;
        }

        if (unpacked.Of(any) is { } content)
        {
            Descend(content);
        }
        else if (EnvoyTypes.FindByTypeUrl(any.TypeUrl) is { } type)
        {
            Report($"holds bytes that are no {type.FullName}");
        }
    }
}
