using System.Globalization;
using System.Runtime.CompilerServices;
using OsmExt.Envoy.Patterns;

namespace OsmExt.Envoy;

/// <summary>Why Envoy would refuse a pattern.</summary>
/// <param name="Position">The character at fault, counted from 0.</param>
/// <param name="Message">What is wrong, as a sentence without a full stop.</param>
internal sealed record Re2Error(int Position, string Message);

/// <summary>
/// Tells whether RE2, Envoy's regular expression engine, takes a pattern. Envoy releases differ: the older read patterns as
/// characters, the newer as bytes; a pattern passes here only if both take it.
/// </summary>
internal static class Re2
{
    /// <summary>Envoy's own limit for the size of a compiled pattern: its runtime key <c>re2.max_program_size.error_level</c> when unset.</summary>
    public const int DefaultProgramSize = 100;

    /// <summary>The longest pattern looked at.</summary>
    public const int MaxLength = 4096;

    // One pattern is usually checked again and again, as the same object: in every route that was made from one rule. It goes when
    // the pattern does.
    private static readonly ConditionalWeakTable<string, Parsed> Known = [];

    /// <summary>The first thing wrong with the pattern, or null.</summary>
    /// <param name="pattern">The pattern; Envoy matches it against the whole of a value.</param>
    /// <param name="maxProgramSize">The limit of the proxies the pattern is for.</param>
    public static Re2Error? Check(string pattern, int maxProgramSize = DefaultProgramSize)
    {
        if (pattern.Length > MaxLength)
        {
            return new(MaxLength, string.Create(CultureInfo.InvariantCulture, $"longer than {MaxLength} characters"));
        }

        var (size, error) = Known.GetValue(pattern, Parse);
        return error is not null || size <= maxProgramSize ? error : new(0, string.Create(
            CultureInfo.InvariantCulture, $"too large: it compiles to about {size} instructions, Envoy's limit is {maxProgramSize}"));
    }

    private static Parsed Parse(string pattern)
    {
        try
        {
            return new(new PatternParser(pattern).Parse(), null);
        }
        catch (PatternException exception)
        {
            return new(0, new(exception.Position, exception.Message));
        }
    }

    private sealed record Parsed(long Size, Re2Error? Error);
}
