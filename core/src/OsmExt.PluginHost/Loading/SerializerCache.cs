using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OsmExt.PluginHost.Loading;

/// <summary>
/// .NET's serializer remembers how it constructs and reads types, those of unloaded plugins too, until it is asked for another
/// type a second or more later.
/// </summary>
internal static class SerializerCache
{
    /// <summary>Lets it forget what it has not needed for a second.</summary>
    public static void Evict() => _ = new DefaultJsonTypeInfoResolver().GetTypeInfo(typeof(Probe), new JsonSerializerOptions());

    private sealed class Probe;
}
