using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace OsmExt.Envoy;

/// <summary>What is packed in a message, taken out once for everybody who looks at it. The message must not change meanwhile.</summary>
internal sealed class UnpackedMessages
{
    // Most messages have nothing packed in them.
    private Dictionary<Any, IMessage?>? _contents;

    /// <summary>The message inside, or null when its type is unknown or its bytes are not such a message.</summary>
    public IMessage? Of(Any any)
    {
        if (_contents is null || !_contents.TryGetValue(any, out var content))
        {
            content = EnvoyTypes.Unpack(any);
            (_contents ??= new(ReferenceEqualityComparer.Instance)).Add(any, content);
        }

        return content;
    }
}
