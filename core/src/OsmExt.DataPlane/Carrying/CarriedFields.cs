using System.Collections;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;
using OsmExt.Simulation;

namespace OsmExt.DataPlane.Carrying;

/// <summary>Looks for fields that the simulator does not know, or that it may ignore but who carries traffic may not.</summary>
internal static class CarriedFields
{
    /// <summary>Path and name of the first such field; null when there is none.</summary>
    public static string? Refuses(IMessage resource) => Visit(resource, resource.Descriptor.Name);

    private static string? Visit(IMessage message, string path)
    {
        switch (message)
        {
            case Any any:
                return EnvoyTypes.Unpack(any) is { } content ? Visit(content, path) : null;
            // Free form: whoever reads it looks at it.
            case Struct or global::Xds.Type.V3.TypedStruct or global::Envoy.Config.Core.V3.Metadata:
                return null;
        }

        var known = UnderstoodFields.Of(message.Descriptor);
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (!IsSet(field, message))
            {
                continue;
            }

            var at = $"{path}.{field.Name}";
            if (known is not null && !known.Contains(field.Name))
            {
                return $"{at}: the embedded data plane does not know this field of {message.Descriptor.FullName}";
            }

            if (NotCarriedOut.Reason(message, field.Name) is { } reason)
            {
                return $"{at}: the embedded data plane does not carry this out ({message.Descriptor.FullName}): {reason}";
            }

            if (Inside(field, message, at) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private static string? Inside(FieldDescriptor field, IMessage message, string at)
    {
        switch (field.Accessor.GetValue(message))
        {
            case IMessage one:
                return Visit(one, at);
            case IDictionary map:
                return map.Values.OfType<IMessage>().Select(value => Visit(value, at)).FirstOrDefault(refusal => refusal is not null);
            case IList many:
                return many.OfType<IMessage>().Select((value, index) => Visit(value, string.Create(CultureInfo.InvariantCulture, $"{at}[{index}]")))
                    .FirstOrDefault(refusal => refusal is not null);
            default:
                return null;
        }
    }

    private static bool IsSet(FieldDescriptor field, IMessage message) => field.HasPresence
        ? field.Accessor.HasValue(message)
        : field.Accessor.GetValue(message) switch
        {
            ICollection many => many.Count > 0,
            string text => text.Length > 0,
            ByteString bytes => bytes.Length > 0,
            bool flag => flag,
            System.Enum value => Convert.ToInt32(value, CultureInfo.InvariantCulture) != 0,
            IConvertible number => Convert.ToDouble(number, CultureInfo.InvariantCulture) != 0,
            _ => true,
        };
}
