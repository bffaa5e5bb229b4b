using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using OsmExt.Envoy.Printing;
using OsmExt.Yaml;

namespace OsmExt.Envoy;

/// <summary>
/// Prints messages in protobuf's JSON mapping with proto field names, in order of field number, packed messages expanded. What
/// <see cref="EnvoyReader"/> reads from it equals the message. Never throws: what this build does not know stays packed, in base64.
/// </summary>
internal static class EnvoyJson
{
    private static readonly JsonSerializerOptions Compact = new() { MaxDepth = 1000, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(Compact) { WriteIndented = true, NewLine = "\n" };

    public static JsonNode? ToNode(IMessage message) => JsonTree.Of(message);

    public static string ToJson(IMessage message, bool indented = true)
        => JsonTree.Of(message)?.ToJsonString(indented ? Indented : Compact) ?? "null";

    /// <summary>The message that a tree says, or what is wrong with it.</summary>
    public static ReadResult FromNode(JsonNode tree, MessageDescriptor type) => EnvoyReader.Read(YamlWriter.Write(tree), type);

    public static string ToYaml(IMessage message) => YamlWriter.Write(JsonTree.Of(message));
}
