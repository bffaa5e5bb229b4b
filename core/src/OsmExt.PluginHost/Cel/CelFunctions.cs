using System.Globalization;
using System.Text.RegularExpressions;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Cel;

/// <summary>A function of expressions.</summary>
/// <param name="Result">What it gives.</param>
/// <param name="Call">What it does; its work is counted by the length of what it is given.</param>
/// <param name="Arguments">What each argument may be; what it is called on comes first.</param>
internal sealed record CelFunction(ConfigType Result, Func<object?[], object?> Call, params ConfigType[][] Arguments);

/// <summary>The functions that expressions have.</summary>
internal static class CelFunctions
{
    private static readonly TimeSpan PatternTime = TimeSpan.FromSeconds(2);
    private static readonly ConfigType[] Text = [ConfigType.String];
    private static readonly ConfigType[] Scalar = [ConfigType.String, ConfigType.Integer, ConfigType.Number, ConfigType.Boolean];
    private static readonly ConfigType[] Sized = [ConfigType.String, ConfigType.Array, ConfigType.Object];

    public static IReadOnlyDictionary<string, CelFunction> All { get; } = new Dictionary<string, CelFunction>(StringComparer.Ordinal)
    {
        ["size"] = new(ConfigType.Integer, given => (long)Size(given[0]), Sized),
        ["startsWith"] = new(ConfigType.Boolean, given => Of(given, 0).StartsWith(Of(given, 1), StringComparison.Ordinal), Text, Text),
        ["endsWith"] = new(ConfigType.Boolean, given => Of(given, 0).EndsWith(Of(given, 1), StringComparison.Ordinal), Text, Text),
        ["contains"] = new(ConfigType.Boolean, given => Of(given, 0).Contains(Of(given, 1), StringComparison.Ordinal), Text, Text),
        ["matches"] = new(ConfigType.Boolean, given => Pattern(Of(given, 1), 0).IsMatch(Of(given, 0)), Text, Text),
        ["lowerAscii"] = new(ConfigType.String, given => string.Concat(Of(given, 0).Select(letter => char.IsAsciiLetterUpper(letter) ? char.ToLowerInvariant(letter) : letter)), Text),
        ["upperAscii"] = new(ConfigType.String, given => string.Concat(Of(given, 0).Select(letter => char.IsAsciiLetterLower(letter) ? char.ToUpperInvariant(letter) : letter)), Text),
        ["trim"] = new(ConfigType.String, given => Of(given, 0).Trim(), Text),
        ["split"] = new(ConfigType.Array, given => Parts(Of(given, 0), Of(given, 1)), Text, Text),
        ["string"] = new(ConfigType.String, given => given[0] is bool flag ? flag ? "true" : "false" : Convert.ToString(given[0], CultureInfo.InvariantCulture), Scalar),
        ["int"] = new(ConfigType.Integer, given => Whole(given[0]), Scalar),
        ["double"] = new(ConfigType.Number, given => Number(given[0]), Scalar),
    };

    /// <summary>A pattern that takes time in proportion to the text, whatever both are.</summary>
    public static Regex Pattern(string pattern, int at)
    {
        try
        {
            return new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, PatternTime);
        }
        catch (Exception failure) when (failure is ArgumentException or NotSupportedException)
        {
            throw new CelException($"{failure.Message.TrimEnd('.')}; write a pattern without look-around and back-references", at);
        }
    }

    public static int Size(object? value) => value switch
    {
        string text => text.EnumerateRunes().Count(),
        IReadOnlyList<object?> list => list.Count,
        IReadOnlyDictionary<string, object?> map => map.Count,
        _ => 1,
    };

    /// <summary>The steps that a call takes: by the length of what it is given, and for a pattern by how often each of its characters may meet each of the text's.</summary>
    public static long Work(string function, object?[] given) => function == "matches" && given is [string text, string pattern]
        ? text.Length + pattern.Length + ((long)text.Length * pattern.Length / 40) : given.Sum(value => (long)Size(value));

    // Between nothing and nothing stands each letter.
    private static object?[] Parts(string text, string separator)
        => separator.Length > 0 ? [.. text.Split(separator)] : [.. text.EnumerateRunes().Select(letter => letter.ToString())];

    private static string Of(object?[] given, int index) => given[index] as string ?? throw new CelException("Expected a text");

    private static long Whole(object? value) => value switch
    {
        long whole => whole,
        double number when Math.Abs(number) < long.MaxValue => (long)number,
        string text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed) => parsed,
        _ => throw new CelException($"{value} is no whole number"),
    };

    private static double Number(object? value) => value switch
    {
        long whole => (double)whole,
        double number => number,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) => parsed,
        _ => throw new CelException($"{value} is no number"),
    };
}
