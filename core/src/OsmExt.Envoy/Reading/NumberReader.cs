using System.Globalization;
using System.Numerics;
using Google.Protobuf.Reflection;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Envoy.Reading;

/// <summary>Numbers: as such or as text, whole or with a fraction of zero, and never outside the field's range.</summary>
internal static class NumberReader
{
    // Below it, every whole number is a double of its own.
    private const double Exact = 1L << 53;

    private const NumberStyles Fraction = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>The value in the field's own CLR type, or null with the reason.</summary>
    /// <param name="scalar">What is written.</param>
    /// <param name="type">A type of number.</param>
    /// <param name="describe">How what is written may be called in the reason.</param>
    /// <param name="reason">Why there is no value.</param>
    public static object? Read(YamlScalarNode scalar, FieldType type, Func<YamlNode, string> describe, out string reason)
    {
        var text = scalar.Value ?? "";
        reason = "";
        if (!IsInteger(type))
        {
            return type == FieldType.Double ? ReadDouble(scalar, describe, out reason) : (object?)ReadFloat(scalar, describe, out reason);
        }

        if (IsZeroPrefixed(text))
        {
            reason = $"{describe(scalar)} may mean an octal number; write it in decimal, without a leading zero";
            return null;
        }

        if (!TryWhole(text, out var value))
        {
            reason = $"expected a whole number, found {describe(scalar)}";
            return null;
        }

        var (least, most) = RangeOf(type);
        if (value < least || value > most)
        {
            reason = string.Create(CultureInfo.InvariantCulture, $"{describe(scalar)} is out of range; expected {least} to {most}");
            return null;
        }

        return type switch
        {
            FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => (int)value,
            FieldType.UInt32 or FieldType.Fixed32 => (uint)value,
            FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => (long)value,
            _ => (ulong)value,
        };
    }

    /// <summary>Whether a whole number, written out, is more than a double can hold.</summary>
    public static bool LosesDigits(string text, double value)
        => !double.IsFinite(value) || (Math.Abs(value) >= Exact
            && BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exact) && exact != new BigInteger(value));

    private static double? ReadDouble(YamlScalarNode scalar, Func<YamlNode, string> describe, out string reason)
    {
        double? value = (scalar.Value ?? "") switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            var text when TryFinite(text, out var number) => number,
            _ => null,
        };
        reason = value is null ? $"expected a number, found {describe(scalar)}" : "";
        return value;
    }

    private static float? ReadFloat(YamlScalarNode scalar, Func<YamlNode, string> describe, out string reason)
    {
        var value = (float?)ReadDouble(scalar, describe, out reason);
        if (value is not { } number || float.IsFinite(number) || !char.IsAsciiDigit(scalar.Value![^1]))
        {
            return value;
        }

        reason = $"{describe(scalar)} is out of range for a 32-bit number";
        return null;
    }

    private static bool TryWhole(string text, out decimal value)
    {
        if (decimal.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        if (!TryFinite(text, out var number) || number != Math.Truncate(number) || Math.Abs(number) >= Exact)
        {
            return false;
        }

        value = (long)number;
        return true;
    }

    // Only what ends like a number: double.Parse also knows words.
    private static bool TryFinite(string text, out double value)
        => double.TryParse(text, Fraction, CultureInfo.InvariantCulture, out value) && double.IsFinite(value)
            && (char.IsAsciiDigit(text[^1]) || text[^1] == '.');

    private static bool IsInteger(FieldType type) => type is FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32
        or FieldType.UInt32 or FieldType.Fixed32 or FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64
        or FieldType.UInt64 or FieldType.Fixed64;

    // Envoy's own YAML reader takes 0644 for 420, ours would take it for 644; neither may be what a pipe's mode was meant to be.
    private static bool IsZeroPrefixed(string text)
    {
        var digits = text.AsSpan().TrimStart("+-");
        return digits.Length > 1 && digits[0] == '0' && char.IsAsciiDigit(digits[1]);
    }

    private static (decimal Least, decimal Most) RangeOf(FieldType type) => type switch
    {
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => (int.MinValue, int.MaxValue),
        FieldType.UInt32 or FieldType.Fixed32 => (uint.MinValue, uint.MaxValue),
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => (long.MinValue, long.MaxValue),
        _ => (ulong.MinValue, ulong.MaxValue),
    };
}
