using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace OsmExt.Envoy;

/// <summary>
/// A copy fit to be shown: all text and bytes in a field Envoy's API marks as sensitive (keys, passwords, credentials, whole files of
/// them) are replaced, inside packed messages too. Where this build cannot tell, as in a TypedStruct, everything is replaced.
/// </summary>
internal static class Redaction
{
    public const string Text = "[redacted]";
    private static readonly ByteString Bytes = ByteString.CopyFromUtf8(Text);

    // Types newer than this build, written as TypedStruct, that hold no secrets.
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        "envoy.extensions.access_loggers.stats.v3.Config",
        "envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig",
    };

    /// <summary>The redacted copy; the message itself stays as it is.</summary>
    public static IMessage Of(IMessage message)
    {
        var copy = message.Descriptor.Parser.ParseFrom(XdsResource.Serialize(message));
        Redact(copy, sensitive: false);
        return copy;
    }

    private static void Redact(IMessage message, bool sensitive)
    {
        switch (message)
        {
            case Any any:
                RedactPacked(any, sensitive);
                return;
            case global::Xds.Type.V3.TypedStruct { Value: not null } typed:
                RedactStruct(typed.Value, sensitive || !Harmless.Contains(TypeUrls.NameOf(typed.TypeUrl)));
                return;
            case global::Udpa.Type.V1.TypedStruct { Value: not null } typed:
                RedactStruct(typed.Value, sensitive || !Harmless.Contains(TypeUrls.NameOf(typed.TypeUrl)));
                return;
            case global::Envoy.Config.Core.V3.DataSource { SpecifierCase: global::Envoy.Config.Core.V3.DataSource.SpecifierOneofCase.InlineBytes } source when sensitive:
                // Bytes are printed as base64, in which nobody would recognise a redaction.
                source.InlineString = Text;
                break;
            default:
                break;
        }

        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            RedactField(message, field, sensitive || SensitiveFields.Has(field));
        }
    }

    private static void RedactPacked(Any any, bool sensitive)
    {
        if (EnvoyTypes.Unpack(any) is { } content)
        {
            Redact(content, sensitive);
            any.Value = UnsafeByteOperations.UnsafeWrap(XdsResource.Serialize(content));
        }
        else if (!any.Value.IsEmpty)
        {
            any.Value = Bytes;
        }
    }

    private static void RedactStruct(Struct structure, bool sensitive)
    {
        if (sensitive)
        {
            Redact(structure, sensitive: true);
        }
    }

    private static void RedactField(IMessage message, FieldDescriptor field, bool sensitive)
    {
        var value = field.Accessor.GetValue(message);
        switch (value)
        {
            case null:
                break;
            case IDictionary map:
                foreach (var key in map.Keys.Cast<object>().ToArray())
                {
                    map[key] = Redacted(map[key]!, sensitive);
                }

                break;
            case IList list:
                for (var index = 0; index < list.Count; index++)
                {
                    list[index] = Redacted(list[index]!, sensitive);
                }

                break;
            case IMessage or string or ByteString when !field.HasPresence || field.Accessor.HasValue(message):
                field.Accessor.SetValue(message, Redacted(value, sensitive));
                break;
            default:
                break;
        }
    }

    // Numbers and booleans stay: they show the shape, and no secret is one.
    private static object Redacted(object value, bool sensitive)
    {
        switch (value)
        {
            case IMessage inner:
                Redact(inner, sensitive);
                return inner;
            case string { Length: > 0 } when sensitive:
                return Text;
            case ByteString { IsEmpty: false } when sensitive:
                return Bytes;
            default:
                return value;
        }
    }
}
