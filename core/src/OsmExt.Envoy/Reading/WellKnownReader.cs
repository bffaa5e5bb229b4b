using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Envoy.Reading;

/// <summary>Google's types that have a JSON form of their own.</summary>
internal sealed class WellKnownReader(ReadContext context)
{
    // On the wire, a structure is a message of map entries of values.
    private const int StructLevels = 3;
    private const int ListLevels = 2;

    /// <summary>Whether messages of the type are written as something else than a mapping of their fields.</summary>
    public static bool Knows(MessageDescriptor type) => type.File.Package == "google.protobuf" && type.Name is
        "Duration" or "Timestamp" or "FieldMask" or "Struct" or "Value" or "ListValue" || IsWrapper(type);

    public static bool IsWrapper(MessageDescriptor type) => ReferenceEquals(type.File, WrappersReflection.Descriptor);

    public IMessage? Read(YamlNode node, MessageDescriptor type) => type.Name switch
    {
        "Duration" => ReadText(node, type, "a duration in seconds, such as 5s or 0.25s"),
        "Timestamp" => ReadText(node, type, "a time such as 2030-01-31T12:00:00Z"),
        "FieldMask" => ReadText(node, type, "field names in camelCase with commas between"),
        "Struct" => ReadStruct(node),
        "ListValue" => ReadList(node),
        _ => ReadValue(node),
    };

    // Google's reader knows these three; only its words are of no use to people.
    private IMessage? ReadText(YamlNode node, MessageDescriptor type, string expected)
    {
        if (node is YamlScalarNode { Value: { } text } scalar && YamlScalar.AsNumber(scalar) is null)
        {
            try
            {
                return JsonParser.Default.Parse(JsonSerializer.Serialize(text), type);
            }
            catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidJsonException or FormatException or OverflowException)
            {
                // Reported below, as for every other value that is not one.
            }
        }

        context.Report(node, $"expected {expected}, found {context.Describe(node)}");
        return null;
    }

    private Struct? ReadStruct(YamlNode node)
    {
        if (node is not YamlMappingNode mapping)
        {
            context.Report(node, $"expected a mapping, found {context.Describe(node)}");
            return null;
        }

        if (!context.Enter(node, StructLevels))
        {
            return null;
        }

        var result = new Struct();
        foreach (var (key, child) in mapping.Children)
        {
            var name = ((YamlScalarNode)key).Value ?? "";
            context.Path.PushKey(name);
            if (context.Visit(child) && ReadValue(child) is { } value)
            {
                result.Fields[name] = value;
            }

            context.Path.Pop();
        }

        context.Leave(StructLevels);
        return result;
    }

    private ListValue? ReadList(YamlNode node)
    {
        if (node is not YamlSequenceNode sequence)
        {
            context.Report(node, $"expected a list, found {context.Describe(node)}");
            return null;
        }

        if (!context.Enter(node, ListLevels))
        {
            return null;
        }

        var result = new ListValue();
        for (var index = 0; index < sequence.Children.Count; index++)
        {
            context.Path.Push(index);
            if (context.Visit(sequence.Children[index]) && ReadValue(sequence.Children[index]) is { } value)
            {
                result.Values.Add(value);
            }

            context.Path.Pop();
        }

        context.Leave(ListLevels);
        return result;
    }

    private Value? ReadValue(YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode:
                return ReadStruct(node) is { } structure ? new() { StructValue = structure } : null;
            case YamlSequenceNode:
                return ReadList(node) is { } list ? new() { ListValue = list } : null;
            case YamlScalarNode when YamlScalar.IsNull(node):
                return Value.ForNull();
            case YamlScalarNode scalar when YamlScalar.AsBoolean(scalar) is { } flag:
                return Value.ForBool(flag);
            case YamlScalarNode scalar when YamlScalar.AsNumber(scalar) is { } number:
                if (NumberReader.LosesDigits(scalar.Value!, number))
                {
                    context.Report(node, $"{context.Describe(scalar)} would lose digits here; write it in quotes");
                    return null;
                }

                return Value.ForNumber(number);
            default:
                return Value.ForString(((YamlScalarNode)node).Value ?? "");
        }
    }
}
