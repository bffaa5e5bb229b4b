using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace OsmExt.Envoy.Rules;

/// <summary>What is asked of texts.</summary>
internal static class StringRules
{
    public static ValueRule From(RuleReader reader)
    {
        var ignoreEmpty = reader.Take<bool>("ignore_empty") == true;
        Func<string, string?>[] rules =
        [
            .. Lengths(reader, "", "characters", Runes),
            .. Lengths(reader, "_bytes", "bytes", text => (ulong)Encoding.UTF8.GetByteCount(text)),
            .. Contents(reader),
            .. HeaderRules.From(reader),
        ];
        return ValueRule.Every([.. rules.Select(rule => ValueRule.Of<string>(text => ignoreEmpty && text.Length == 0 ? null : rule(text)))]);
    }

    private static IEnumerable<Func<string, string?>> Lengths(RuleReader reader, string suffix, string unit, Func<string, ulong> lengthOf)
    {
        var exact = reader.Take<ulong>(suffix.Length == 0 ? "len" : "len_bytes");
        var least = reader.Take<ulong>(suffix.Length == 0 ? "min_len" : "min_bytes") ?? exact ?? 0;
        var most = reader.Take<ulong>(suffix.Length == 0 ? "max_len" : "max_bytes") ?? exact ?? ulong.MaxValue;
        if (least > 0 || most < ulong.MaxValue)
        {
            yield return text => lengthOf(text) is var length && length == 0 && least > 0 ? "must not be empty"
                : length < least ? string.Create(CultureInfo.InvariantCulture, $"must have at least {least} {unit}, has {length}")
                : length > most ? string.Create(CultureInfo.InvariantCulture, $"must have at most {most} {unit}, has {length}")
                : null;
        }
    }

    // Nearly every text is ASCII, where characters need not be counted one by one.
    private static ulong Runes(string text) => Ascii.IsValid(text) ? (ulong)text.Length : (ulong)text.EnumerateRunes().Count();

    private static IEnumerable<Func<string, string?>> Contents(RuleReader reader)
    {
        if (reader.Take("prefix") is string prefix)
        {
            yield return text => text.StartsWith(prefix, StringComparison.Ordinal) ? null : $"must begin with \"{prefix}\"";
        }

        if (reader.Take("suffix") is string suffix)
        {
            yield return text => text.EndsWith(suffix, StringComparison.Ordinal) ? null : $"must end with \"{suffix}\"";
        }

        if (reader.Take("contains") is string part)
        {
            yield return text => text.Contains(part, StringComparison.Ordinal) ? null : $"must contain \"{part}\"";
        }

        if (reader.Take("not_contains") is string unwanted)
        {
            yield return text => text.Contains(unwanted, StringComparison.Ordinal) ? $"must not contain \"{unwanted}\"" : null;
        }

        if (reader.Take("pattern") is string pattern)
        {
            var regex = new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            yield return text => regex.IsMatch(text) ? null : $"must match {pattern}";
        }

        var allowed = reader.Take("const") is string only ? [only] : reader.TakeList("in").Cast<string>().ToArray();
        if (allowed.Length > 0)
        {
            yield return text => allowed.Contains(text, StringComparer.Ordinal) ? null : $"must be one of {string.Join(", ", allowed)}";
        }

        var refused = reader.TakeList("not_in").Cast<string>().ToArray();
        if (refused.Length > 0)
        {
            yield return text => refused.Contains(text, StringComparer.Ordinal) ? $"must not be one of {string.Join(", ", refused)}" : null;
        }
    }
}
