using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace OsmExt.Simulation.Matching;

/// <summary>RE2 patterns, matched against the whole of a value: of its bytes or, before Envoy 1.40, of the UTF-8 in it.</summary>
internal static class RegexMatch
{
    // Patterns come from configuration; what is dropped is only compiled again.
    private const int MostKept = 20_000;
    private static readonly ConcurrentDictionary<string, Re2Pattern> Compiled = new(StringComparer.Ordinal);

    /// <exception cref="UndecidedException">The pattern means something .NET cannot say, for this value.</exception>
    public static bool Matches(string pattern, string value, EnvoyRelease release)
    {
        if (!Compiled.TryGetValue(pattern, out var compiled))
        {
            if (Compiled.Count >= MostKept)
            {
                Compiled.Clear();
            }

            compiled = Compiled.GetOrAdd(pattern, Re2Pattern.Compile);
        }

        return release.PatternsSeeBytes || Ascii.IsValid(value) ? compiled.Matches(value) : compiled.MatchesUtf8(value);
    }
}

/// <summary>One pattern.</summary>
internal sealed class Re2Pattern
{
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly string _pattern;
    private readonly string _problem = "";
    private readonly bool _asciiOnly;
    private readonly Regex? _bytes;
    private readonly Lazy<Regex>? _characters;

    private Re2Pattern(string pattern)
    {
        _pattern = pattern;
        // What RE2 refuses, Envoy refuses together with the resource it stands in.
        if (OsmExt.Envoy.Re2.Check(pattern, int.MaxValue) is { } error)
        {
            _problem = $"RE2 would refuse it: {error.Message}";
            return;
        }

        try
        {
            var translation = new Re2Translation(ByteText.Of(pattern));
            _bytes = new($@"\A(?:{translation.Translate()})\z", Options);
            _asciiOnly = translation.AsciiOnly;
            _characters = new(() => new($@"\A(?:{new Re2Translation(pattern).Translate()})\z", Options));
        }
        catch (Exception failure) when (failure is NotSupportedException or ArgumentException)
        {
            _problem = failure.Message;
        }
    }

    public static Re2Pattern Compile(string pattern) => new(pattern);

    public bool Matches(string value)
        => _bytes is null || (_asciiOnly && !Ascii.IsValid(value)) ? throw Unknown() : _bytes.IsMatch(value);

    /// <summary>For values beyond ASCII that are read as UTF-8; what is none matches nothing.</summary>
    public bool MatchesUtf8(string value)
    {
        if (_characters is null || _asciiOnly || _pattern.Contains(@"\C", StringComparison.Ordinal))
        {
            throw Unknown();
        }

        try
        {
            var text = Strict.GetString(Encoding.Latin1.GetBytes(value));
            return text.Any(char.IsSurrogate) ? throw Unknown() : _characters.Value.IsMatch(text);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private UndecidedException Unknown() => new($"pattern \"{_pattern}\"", _problem.Length > 0 ? _problem : "the value has bytes beyond ASCII");
}
