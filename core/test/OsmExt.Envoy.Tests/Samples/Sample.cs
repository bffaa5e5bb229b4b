using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OsmExt.Envoy.Tests.Samples;

/// <summary>Resources as a mesh has them, in the files beside this one. Both supported Envoys accept the listener.</summary>
internal static class Sample
{
    public static TheoryData<string> Names => ["listener", "cluster", "routes", "secret"];

    public static string Text(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Samples", name + ".yaml"));

    public static MessageDescriptor TypeOf(string name) => name switch
    {
        "listener" => Listener.Descriptor,
        "cluster" => Cluster.Descriptor,
        "routes" => RouteConfiguration.Descriptor,
        _ => Secret.Descriptor,
    };

    public static IMessage Message(string name) => Read(Text(name), TypeOf(name));

    /// <summary>A message from text that must be right.</summary>
    public static IMessage Read(string text, MessageDescriptor type)
    {
        var result = EnvoyReader.Read(text, type);
        Assert.Empty(result.Problems);
        return result.Message!;
    }

    public static T Read<T>(string text)
        where T : IMessage<T>, new()
        => (T)Read(text, new T().Descriptor);
}
