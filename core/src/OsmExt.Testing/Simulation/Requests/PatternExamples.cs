using OsmExt.Simulation;
using OsmExt.Simulation.Matching;

namespace OsmExt.Testing.Simulation.Requests;

/// <summary>
/// Values that an RE2 pattern matches, and values just outside. Whatever is made here is checked against the pattern, so a construct
/// that is not followed costs an example and never makes a wrong one.
/// </summary>
internal sealed class PatternExamples
{
    private const int Most = 4;
    private const int MostRepeats = 64;
    private const string Characters = "abcdefghijklmnopqrstuvwxyz0123456789-_/.ABCDEFGHIJKLMNOPQRSTUVWXYZ ~!@#%&*+=:;,?()[]{}<>|^$'\"`\\";

    private readonly string _pattern;
    private int _next;

    private PatternExamples(string pattern) => _pattern = pattern;

    /// <summary>Values that match, the given ones first.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="first">Values to try before any that are made of the pattern.</param>
    public static IEnumerable<string> Inside(string pattern, params IEnumerable<string> first)
    {
        var made = new PatternExamples(pattern).Alternatives();
        return first.Concat(made).Concat(made.Select(value => "/" + value)).Distinct(StringComparer.Ordinal).Where(value => Matches(pattern, value) is true);
    }

    /// <summary>Values that do not match, those nearest to one that does first.</summary>
    public static IEnumerable<string> Outside(string pattern, string inside)
    {
        string[] near = [inside + "x", inside + "/x", inside.Length > 1 ? inside[..^1] : inside, inside.ToUpperInvariant(), "/x" + inside, "x", ""];
        return near.Distinct(StringComparer.Ordinal).Where(value => Matches(pattern, value) is false);
    }

    private static bool? Matches(string pattern, string value)
    {
        try
        {
            return RegexMatch.Matches(pattern, value, EnvoyRelease.Newest);
        }
        catch (UndecidedException)
        {
            return null;
        }
    }

    private List<string> Alternatives()
    {
        var all = Sequence();
        while (Peek('|'))
        {
            _next++;
            all.AddRange(Sequence());
        }

        return [.. all.Distinct(StringComparer.Ordinal).Take(Most)];
    }

    private List<string> Sequence()
    {
        List<string> all = [""];
        while (_next < _pattern.Length && _pattern[_next] is not ('|' or ')'))
        {
            var part = Repeated(Atom());
            all = [.. Enumerable.Range(0, Math.Max(all.Count, part.Count)).Select(index => all[index % all.Count] + part[index % part.Count])];
        }

        return all;
    }

    private List<string> Repeated(List<string> atom)
    {
        if (_next >= _pattern.Length)
        {
            return atom;
        }

        switch (_pattern[_next])
        {
            case '*' or '?':
                _next++;
                SkipLazy();
                return [.. atom.Append("").Take(Most)];
            case '+':
                _next++;
                SkipLazy();
                return atom;
            case '{' when Count() is var (least, length):
                _next += length;
                SkipLazy();
                return [.. atom.Select(text => string.Concat(Enumerable.Repeat(text, Math.Min(least, MostRepeats))))];
            default:
                return atom;
        }
    }

    // {2}, {2,} and {2,5}; any other brace stands for itself.
    private (int Least, int Length)? Count()
    {
        var end = _pattern.IndexOf('}', _next);
        return end > 0 && int.TryParse(_pattern.AsSpan(_next + 1, end - _next - 1).ToString().Split(',')[0], out var least)
            ? (least, end + 1 - _next) : null;
    }

    private List<string> Atom()
    {
        switch (_pattern[_next])
        {
            case '(':
                _next++;
                SkipGroupKind();
                var inner = Alternatives();
                _next = Math.Min(_next + 1, _pattern.Length);
                return inner;
            case '^' or '$':
                _next++;
                return [""];
            case '[':
                return Character(ClassLength());
            case '\\' when _next + 1 < _pattern.Length && "bBAzQE".Contains(_pattern[_next + 1], StringComparison.Ordinal):
                _next += 2;
                return [""];
            case '\\':
                return Character(2);
            default:
                return Character(1);
        }
    }

    // Which character an element stands for, the pattern itself says.
    private List<string> Character(int length)
    {
        var element = _pattern.Substring(_next, Math.Min(length, _pattern.Length - _next));
        _next += element.Length;
        var found = Characters.Where(character => Matches(element, character.ToString()) is true).Take(1).Select(character => character.ToString()).ToList();
        return found.Count > 0 ? found : [element.TrimStart('\\')];
    }

    private int ClassLength()
    {
        var end = _next + 1;
        end += end < _pattern.Length && _pattern[end] == '^' ? 1 : 0;
        end += end < _pattern.Length && _pattern[end] == ']' ? 1 : 0;
        while (end < _pattern.Length && _pattern[end] != ']')
        {
            var named = _pattern.AsSpan(end).StartsWith("[:") ? _pattern.IndexOf(":]", end, StringComparison.Ordinal) : -1;
            end = named > 0 ? named + 2 : end + (_pattern[end] == '\\' ? 2 : 1);
        }

        return end + 1 - _next;
    }

    private void SkipGroupKind()
    {
        if (Peek('?'))
        {
            while (_next < _pattern.Length && _pattern[_next] is not (':' or '>' or ')'))
            {
                _next++;
            }

            _next += _next < _pattern.Length && _pattern[_next] != ')' ? 1 : 0;
        }
    }

    private void SkipLazy() => _next += Peek('?') ? 1 : 0;

    private bool Peek(char character) => _next < _pattern.Length && _pattern[_next] == character;
}
