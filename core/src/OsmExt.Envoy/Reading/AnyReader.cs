using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Envoy.Reading;

/// <summary>
/// Reads <c>{"@type": ..., fields}</c> into a packed message, and <c>{"@type": ..., "value": ...}</c> for the types that have a
/// JSON form of their own.
/// </summary>
internal sealed class AnyReader(ReadContext context, MessageReader messages)
{
    private const int LongestTypeUrl = 200;

    public static bool Knows(MessageDescriptor type) => ReferenceEquals(type, Any.Descriptor);

    public Any? Read(YamlMappingNode mapping)
    {
        var (key, value) = mapping.Children.FirstOrDefault(pair => pair.Key is YamlScalarNode { Value: "@type" });
        if (key is null)
        {
            context.Report(mapping, "\"@type\" is missing");
            return null;
        }

        if (FindType(value) is not { } type)
        {
            return null;
        }

        var outer = context.EnterPacked();
        var content = Knows(type) || WellKnownReader.Knows(type) ? ReadValue(mapping, key, type) : messages.Read(mapping, type, ignoredKey: key);
        context.LeavePacked(outer);
        return content is null ? null : new()
        {
            TypeUrl = TypeUrls.Of(type),
            Value = UnsafeByteOperations.UnsafeWrap(XdsResource.Serialize(content)),
        };
    }

    private MessageDescriptor? FindType(YamlNode node)
    {
        if (node is not YamlScalarNode { Value: { Length: > 0 } typeUrl })
        {
            context.ReportField("@type", node, $"expected a type URL such as {TypeUrls.Cluster}, found {context.Describe(node)}");
            return null;
        }

        var known = EnvoyTypes.FindByTypeUrl(typeUrl);
        if (known is not null && string.Equals(typeUrl, TypeUrls.Of(known), StringComparison.Ordinal))
        {
            return known;
        }

        var suggestion = known is null
            ? Suggestion.Closest(typeUrl, EnvoyTypes.All.Select(TypeUrls.Of))
            : TypeUrls.Of(known);
        var shown = YamlScalar.Printable(YamlScalar.Shorten(typeUrl, LongestTypeUrl));
        context.ReportField("@type", node, $"unknown type URL \"{shown}\"; what this build does not know can be sent as xds.type.v3.TypedStruct", suggestion);
        return null;
    }

    private IMessage? ReadValue(YamlMappingNode mapping, YamlNode typeKey, MessageDescriptor type)
    {
        IMessage? content = null;
        var found = false;
        foreach (var (key, value) in mapping.Children)
        {
            if (key is YamlScalarNode { Value: "value" })
            {
                found = true;
                context.Path.Push("value");
                content = messages.Read(value, type);
                context.Path.Pop();
            }
            else if (!ReferenceEquals(key, typeKey))
            {
                var name = ((YamlScalarNode)key).Value ?? "";
                context.ReportField(name, key, $"unknown field {YamlScalar.Quote(name)}; {type.FullName} has only \"value\" beside \"@type\"");
            }
        }

        if (!found)
        {
            context.Report(mapping, $"\"value\" is missing; {type.FullName} is written as \"@type\" and \"value\"");
        }

        return content;
    }
}
