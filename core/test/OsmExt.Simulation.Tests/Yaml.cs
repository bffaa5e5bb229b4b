using Google.Protobuf;
using OsmExt.Envoy;

namespace OsmExt.Simulation.Tests;

/// <summary>Envoy messages from YAML, as tests write them.</summary>
internal static class Yaml
{
    public static T Read<T>(string text)
        where T : class, IMessage<T>, new()
    {
        var read = EnvoyReader.Read(text, new T().Descriptor);
        Assert.Empty(read.Problems);
        return (T)read.Message!;
    }

    public static XdsResource Resource<T>(string name, string text)
        where T : class, IMessage<T>, new()
        => XdsResource.Create(Read<T>(text), name);
}
