using System.Buffers;
using System.Text;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>JSON as the tree that manifests are read into, without the fields nobody reads, so that both are decoded by the same code.</summary>
internal sealed class JsonTree(TextPool? texts)
{
    // kubectl keeps a copy of the whole object in it.
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    /// <exception cref="JsonException">It is no object.</exception>
    public YamlMappingNode Read(ReadOnlySpan<byte> json, FieldFilter filter)
    {
        var reader = new Utf8JsonReader(json);
        return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? Fields(ref reader, filter) : throw new JsonException("Expected an object");
    }

    private YamlMappingNode Fields(ref Utf8JsonReader reader, FieldFilter filter)
    {
        var mapping = new YamlMappingNode();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = Text(ref reader);
            reader.Read();
            if (filter.In(name) is { } inner && name != LastApplied)
            {
                mapping.Children[new YamlScalarNode(name)] = Value(ref reader, inner);
            }
            else
            {
                reader.Skip();
            }
        }

        return mapping;
    }

    private YamlNode Value(ref Utf8JsonReader reader, FieldFilter filter)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return Fields(ref reader, filter);
            case JsonTokenType.StartArray:
                var items = new YamlSequenceNode();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Value(ref reader, filter));
                }

                return items;
            case JsonTokenType.String:
                return new YamlScalarNode(Text(ref reader)) { Style = ScalarStyle.DoubleQuoted };
            default:
                return new YamlScalarNode(Encoding.ASCII.GetString(reader.ValueSpan)) { Style = ScalarStyle.Plain };
        }
    }

    private string Text(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return Pooled(reader.ValueSpan);
        }

        var copy = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            return Pooled(copy.AsSpan(0, reader.CopyString(copy)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy, clearArray: true);
        }
    }

    private string Pooled(ReadOnlySpan<byte> utf8) => texts is null ? Encoding.UTF8.GetString(utf8) : texts.Of(utf8);
}
