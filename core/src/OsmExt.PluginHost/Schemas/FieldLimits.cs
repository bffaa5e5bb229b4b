using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.RegularExpressions;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Schemas;

/// <summary>What .NET's own attributes for data say about a field, in the words of a schema. One that is not understood is refused: it would limit nothing.</summary>
internal static class FieldLimits
{
    public static ConfigSchema Apply(RecordField field, ConfigSchema schema, Action<string, string> report)
    {
        foreach (var attribute in field.Attributes.OfType<ValidationAttribute>())
        {
            schema = Apply(attribute, schema) ?? Refused(attribute, schema, report);
        }

        if (schema.Minimum > schema.Maximum)
        {
            report("Nothing is both as large and as small as it must be", "Mend the limits");
        }

        return schema;
    }

    private static ConfigSchema? Apply(ValidationAttribute attribute, ConfigSchema schema) => (attribute, schema.Type) switch
    {
        (RequiredAttribute, _) => schema,
        (RangeAttribute { MinimumIsExclusive: false, MaximumIsExclusive: false } range, ConfigType.Integer or ConfigType.Number)
            when Whole(range.Minimum) is { } least && Whole(range.Maximum) is { } most => schema with { Minimum = least, Maximum = most },
        (StringLengthAttribute length, ConfigType.String) => schema with { Minimum = length.MinimumLength > 0 ? length.MinimumLength : null, Maximum = length.MaximumLength },
        (LengthAttribute length, ConfigType.String or ConfigType.Array or ConfigType.Object) => schema with { Minimum = length.MinimumLength, Maximum = length.MaximumLength },
        (MinLengthAttribute length, ConfigType.String or ConfigType.Array or ConfigType.Object) => schema with { Minimum = length.Length },
        (MaxLengthAttribute { Length: >= 0 } length, ConfigType.String or ConfigType.Array or ConfigType.Object) => schema with { Maximum = length.Length },
        (RegularExpressionAttribute pattern, ConfigType.String) when IsLinear(pattern.Pattern) => schema with { Pattern = pattern.Pattern },
        (AllowedValuesAttribute allowed, ConfigType.String) when allowed.Values.All(value => value is string) => schema with { Enum = [.. allowed.Values.Cast<string>()] },
        _ => null,
    };

    private static ConfigSchema Refused(ValidationAttribute attribute, ConfigSchema schema, Action<string, string> report)
    {
        report($"{attribute.GetType().Name} says nothing here that a schema can say",
            "Use Range with whole numbers, StringLength, Length, MinLength, MaxLength, AllowedValues with texts, or RegularExpression without look-around and back-references");
        return schema;
    }

    private static long? Whole(object limit)
    {
        var number = Convert.ToDouble(limit, CultureInfo.InvariantCulture);
        return double.IsInteger(number) && Math.Abs(number) < long.MaxValue ? (long)number : null;
    }

    private static bool IsLinear(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.NonBacktracking);
            return true;
        }
        catch (Exception failure) when (failure is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}
