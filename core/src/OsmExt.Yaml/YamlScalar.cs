using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Yaml;

/// <summary>
/// What a scalar means by YAML 1.2's core rules, as JSON users expect: <c>yes</c> and <c>0644</c> are no booleans or octals.
/// </summary>
internal static class YamlScalar
{
    /// <summary>Whether it was written without quotes, so that its spelling decides its type.</summary>
    public static bool IsPlain(YamlScalarNode node) => node.Style == ScalarStyle.Plain && node.Tag.IsEmpty;

    public static bool IsNull(YamlNode node)
        => node is YamlScalarNode scalar && IsPlain(scalar) && scalar.Value is null or "" or "~" or "null" or "Null" or "NULL";

    public static bool? AsBoolean(YamlScalarNode node) => !IsPlain(node) ? null : node.Value switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };

    public static long? AsInteger(YamlScalarNode node)
        => IsPlain(node) && long.TryParse(node.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    public static double? AsNumber(YamlScalarNode node)
        => IsPlain(node) && IsNumeric(node.Value) && double.TryParse(node.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value : null;

    /// <summary>How people call what stands there: <c>a mapping</c>, <c>the number 5</c>, <c>the text "x"</c>.</summary>
    public static string Describe(YamlNode node) => node switch
    {
        YamlMappingNode => "a mapping",
        YamlSequenceNode => "a list",
        YamlScalarNode scalar when IsNull(scalar) => "null",
        YamlScalarNode scalar when AsBoolean(scalar) is { } flag => flag ? "the boolean true" : "the boolean false",
        YamlScalarNode scalar when AsNumber(scalar) is not null => $"the number {Shorten(scalar.Value!)}",
        YamlScalarNode scalar => $"the text {Quote(scalar.Value ?? "")}",
        _ => "nothing",
    };

    /// <summary>The text in quotes, shortened, and without anything a terminal would obey.</summary>
    public static string Quote(string text) => $"\"{Printable(Shorten(text))}\"";

    /// <summary>The text with control and other invisible characters written as escapes.</summary>
    public static string Printable(string text)
        => text.All(IsPrintable) ? text : string.Concat(text.Select(letter => IsPrintable(letter) ? letter.ToString() : $"\\u{(int)letter:x4}"));

    private static bool IsNumeric(string? text) => text is { Length: > 0 } && (char.IsAsciiDigit(text[^1]) || text[^1] == '.') && !text.StartsWith("0x", StringComparison.Ordinal);

    private static bool IsPrintable(char letter) => !char.IsControl(letter) && CharUnicodeInfo.GetUnicodeCategory(letter)
        is not (UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);

    /// <summary>A text of unknown length, as it may stand in a message.</summary>
    public static string Shorten(string text, int longest = 60) => text.Length <= longest ? text : string.Concat(text.AsSpan(0, longest - 3), "...");
}
