using Envoy.Config.Core.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;

namespace OsmExt.Compiler.Translation;

/// <summary>The few shapes that every generated message needs.</summary>
internal static class Protos
{
    /// <summary>"From the same stream this came on." One for all who say it; never change it.</summary>
    public static ConfigSource Ads { get; } = new() { Ads = new(), ResourceApiVersion = ApiVersion.V3 };

    /// <summary>Packs deterministically, unlike <see cref="Any.Pack(IMessage)"/>, which writes maps in insertion order.</summary>
    public static Any Pack(IMessage message)
        => new() { TypeUrl = TypeUrls.Of(message.Descriptor), Value = UnsafeByteOperations.UnsafeWrap(XdsResource.Serialize(message)) };

    public static Address Address(string address, int port)
        => new() { SocketAddress = new() { Address = address, PortValue = (uint)port } };

    public static Duration? Time(TimeSpan? time) => time is { } value ? Duration.FromTimeSpan(value) : null;

    public static Duration Seconds(long seconds) => new() { Seconds = seconds };
}
