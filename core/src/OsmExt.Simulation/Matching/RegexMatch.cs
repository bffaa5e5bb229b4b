using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace OsmExt.Simulation.Matching;

/// <summary>RE2 patterns, matched against the whole of a value, byte by byte, as Envoy does.</summary>
internal static class RegexMatch
{
    // Patterns come from configuration; what is dropped is only compiled again.
    private const int MostKept = 20_000;
    private static readonly ConcurrentDictionary<string, Re2Pattern> Compiled = new(StringComparer.Ordinal);

    /// <exception cref="UndecidedException">The pattern means something .NET cannot say, for this value.</exception>
    public static bool Matches(string pattern, string value)
    {
        if (!Compiled.TryGetValue(pattern, out var compiled))
        {
            if (Compiled.Count >= MostKept)
            {
                Compiled.Clear();
            }

            compiled = Compiled.GetOrAdd(pattern, Re2Pattern.Compile);
        }

        return compiled.Matches(value);
    }
}

/// <summary>One pattern.</summary>
/// <param name="Regex">Its .NET form; null when there is none.</param>
/// <param name="AsciiOnly">Whether it means the same only for values in ASCII.</param>
/// <param name="Pattern">As written.</param>
/// <param name="Problem">Why there is none.</param>
internal sealed record Re2Pattern(Regex? Regex, bool AsciiOnly, string Pattern, string Problem = "")
{
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    public static Re2Pattern Compile(string pattern)
    {
        // What RE2 refuses, Envoy refuses together with the resource it stands in; it never matches anything.
        if (OsmExt.Envoy.Re2.Check(pattern, int.MaxValue) is { } error)
        {
            return new(null, false, pattern, $"RE2 would refuse it: {error.Message}");
        }

        try
        {
            var translation = new Re2Translation(ByteText.Of(pattern));
            var text = translation.Translate();
            return new(new Regex($@"\A(?:{text})\z", Options), translation.AsciiOnly || !Ascii.IsValid(pattern), pattern);
        }
        catch (Exception failure) when (failure is NotSupportedException or ArgumentException)
        {
            return new(null, false, pattern, failure.Message);
        }
    }

    public bool Matches(string value)
    {
        if (Regex is null || (AsciiOnly && !Ascii.IsValid(value)))
        {
            throw new UndecidedException($"pattern \"{Pattern}\"", Regex is null ? Problem : "the value has bytes beyond ASCII");
        }

        return Regex.IsMatch(value);
    }
}
