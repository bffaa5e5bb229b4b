using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace OsmExt.Yaml;

/// <summary>
/// Refuses what would exhaust the process before anyone can look at it: YamlDotNet builds its tree by recursion, and hashes
/// mapping keys by recursion through aliases.
/// </summary>
internal sealed class GuardedParser(IParser inner) : IParser
{
    public const int MaxDepth = 256;

    // One entry per open mapping or list: whether the next node is a key; null in a list.
    private readonly Stack<bool?> _open = new();

    public ParsingEvent? Current => inner.Current;

    public bool MoveNext()
    {
        if (!inner.MoveNext())
        {
            return false;
        }

        switch (inner.Current)
        {
            case MappingStart or SequenceStart:
                Begin(inner.Current);
                break;
            case MappingEnd or SequenceEnd:
                _open.Pop();
                break;
            case AnchorAlias when NextIsKey():
                throw Refuse("a key must be written out, not be an alias");
            case Scalar or AnchorAlias:
                CompleteNode();
                break;
            default:
                break;
        }

        return true;
    }

    private void Begin(ParsingEvent start)
    {
        if (NextIsKey())
        {
            throw Refuse("a key must be a single word or text, not a mapping or a list");
        }

        if (_open.Count >= MaxDepth)
        {
            throw Refuse($"nested deeper than {MaxDepth} levels");
        }

        CompleteNode();
        _open.Push(start is MappingStart ? true : null);
    }

    private bool NextIsKey() => _open.TryPeek(out var key) && key == true;

    private void CompleteNode()
    {
        if (_open.TryPop(out var key))
        {
            _open.Push(!key);
        }
    }

    private YamlException Refuse(string message) => new(inner.Current!.Start, inner.Current.End, message);
}
