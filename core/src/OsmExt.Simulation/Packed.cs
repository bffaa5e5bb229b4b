using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;

namespace OsmExt.Simulation;

/// <summary>Opens packed messages, each once.</summary>
internal static class Packed
{
    private static readonly ConditionalWeakTable<Any, IMessage> Opened = [];

    /// <summary>The message inside.</summary>
    /// <exception cref="UndecidedException">Its type is not known.</exception>
    public static IMessage Open(Any? any, string element)
    {
        if (any is null)
        {
            throw new UndecidedException(element, "it has no configuration");
        }

        if (!Opened.TryGetValue(any, out var message))
        {
            message = EnvoyTypes.Unpack(any) ?? throw new UndecidedException(element, $"{TypeUrls.NameOf(any.TypeUrl)} is not known");
            Opened.TryAdd(any, message);
        }

        return message is Xds.Type.V3.TypedStruct untyped
            ? throw new UndecidedException(element, $"{TypeUrls.NameOf(untyped.TypeUrl)} is not known")
            : message;
    }

    public static UndecidedException NotKnown(IMessage message, string element) => new(element, $"{message.Descriptor.FullName} is not known");
}
