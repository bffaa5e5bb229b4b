using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Envoy.Reading;

/// <summary>Texts, numbers, booleans, bytes and enum values.</summary>
internal sealed class ScalarReader(ReadContext context)
{
    private const int MostChoices = 12;

    /// <summary>The value as the field's accessor takes it, or null after a report.</summary>
    public object? Read(YamlNode node, FieldDescriptor field)
    {
        var reason = "";
        var value = node is not YamlScalarNode scalar ? null : field.FieldType switch
        {
            FieldType.String => ReadText(scalar),
            FieldType.Bool => YamlScalar.AsBoolean(scalar),
            FieldType.Bytes => ReadBytes(scalar),
            FieldType.Enum => ReadEnum(scalar, field.EnumType),
            _ => NumberReader.Read(scalar, field.FieldType, context.Describe, out reason),
        };
        if (value is null)
        {
            context.Report(
                node,
                reason.Length > 0 ? reason : $"expected {Expected(field)}, found {context.Describe(node)}{Hint(node, field)}",
                field.FieldType == FieldType.Enum ? Closest(node, field.EnumType) : null);
        }

        return value;
    }

    /// <summary>A map's key: JSON has only texts there, so quotes say nothing about its type.</summary>
    public object? ReadKey(YamlScalarNode node, FieldDescriptor field)
    {
        var text = node.Value ?? "";
        var reason = "";
        object? key = field.FieldType switch
        {
            FieldType.String => text,
            FieldType.Bool => text switch { "true" => true, "false" => false, _ => null },
            _ => NumberReader.Read(node, field.FieldType, context.Describe, out reason),
        };
        if (key is null)
        {
            context.Report(node, reason.Length > 0 ? reason : $"expected {Expected(field)} as the key, found {context.Describe(node)}");
        }

        return key;
    }

    private static string? ReadText(YamlScalarNode scalar)
        => YamlScalar.AsBoolean(scalar) is null && YamlScalar.AsNumber(scalar) is null && !YamlScalar.IsNull(scalar) ? scalar.Value ?? "" : null;

    private static ByteString? ReadBytes(YamlScalarNode scalar)
    {
        // Both alphabets of base64, with or without padding, as the JSON mapping allows.
        var text = (ReadText(scalar) ?? "!").Replace('-', '+').Replace('_', '/').TrimEnd('=');
        var padded = text.PadRight(text.Length + ((4 - (text.Length % 4)) % 4), '=');
        var buffer = new byte[padded.Length / 4 * 3];
        return Convert.TryFromBase64String(padded, buffer, out var length) && !padded.Any(char.IsWhiteSpace) ? ByteString.CopyFrom(buffer, 0, length) : null;
    }

    // Any number is taken, since Envoy may be newer than this build; whether the field allows it is for its rules to say.
    private static int? ReadEnum(YamlScalarNode scalar, EnumDescriptor type)
    {
        var text = scalar.Value ?? "";
        return YamlScalar.IsNull(scalar) ? 0
            : type.FindValueByName(text) is { } value ? value.Number
            : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
            : null;
    }

    private static string? Closest(YamlNode node, EnumDescriptor type)
        => node is YamlScalarNode { Value: { } text } ? Suggestion.Closest(text, type.Values.Select(value => value.Name)) : null;

    private static string Expected(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => "text",
        FieldType.Bool => "true or false",
        FieldType.Bytes => "bytes in base64",
        FieldType.Enum => "one of " + string.Join(", ", field.EnumType.Values.Take(MostChoices).Select(value => value.Name))
            + (field.EnumType.Values.Count > MostChoices ? ", ..." : ""),
        FieldType.Float or FieldType.Double => "a number",
        _ => "a whole number",
    };

    private static string Hint(YamlNode node, FieldDescriptor field)
        => field.FieldType == FieldType.String && node is YamlScalarNode ? "; write it in quotes" : "";
}
