using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace OsmExt.Yaml;

/// <summary>
/// Refuses texts that would exhaust whoever walks the tree: too deep, too large once its aliases are followed (a "billion laughs"
/// text), or a node that contains itself. The loader and every reader after it recurse, and a stack overflow ends the process.
/// Keys must be written-out scalars, because the loader hashes them.
/// </summary>
internal sealed class BoundedParser(IParser inner) : IParser
{
    public const int MaxDepth = 256;
    public const long MaxNodes = 4_000_000;

    private readonly Dictionary<string, Extent> _anchors = new(StringComparer.Ordinal);
    private readonly Stack<Frame> _open = new();
    private long _total;

    public ParsingEvent? Current => inner.Current;

    public bool MoveNext()
    {
        if (!inner.MoveNext())
        {
            return false;
        }

        switch (Current)
        {
            case AnchorAlias when NextIsKey():
                throw Refusal("a key must be written out, not be an alias");
            case MappingStart or SequenceStart when NextIsKey():
                throw Refusal("a key must be a single word or text, not a mapping or a list");
            case AnchorAlias alias:
                var target = Target(alias);
                Count(_open.Count + target.Height, target.Nodes);
                Enclose(target);
                break;
            case Scalar scalar:
                Count(_open.Count + 1, 1);
                Enclose(Extent.One);
                Remember(scalar, Extent.One);
                break;
            case MappingStart or SequenceStart:
                _open.Push(new((NodeEvent)Current, Extent.One, Current is MappingStart ? true : null));
                Count(_open.Count, 1);
                break;
            case MappingEnd or SequenceEnd:
                var frame = _open.Pop();
                Enclose(frame.Extent);
                Remember(frame.Start, frame.Extent);
                break;
        }

        return true;
    }

    private bool NextIsKey() => _open.TryPeek(out var frame) && frame.NextIsKey == true;

    private Extent Target(AnchorAlias alias)
    {
        if (_open.Any(frame => frame.Start.Anchor == alias.Value))
        {
            throw Refusal($"the alias *{alias.Value} stands inside the node it refers to");
        }

        return _anchors.TryGetValue(alias.Value.Value, out var extent) ? extent : throw Refusal($"there is no anchor &{alias.Value} before this alias");
    }

    private void Remember(NodeEvent node, Extent extent)
    {
        if (!node.Anchor.IsEmpty)
        {
            _anchors[node.Anchor.Value] = extent;
        }
    }

    private void Enclose(Extent inside)
    {
        if (_open.TryPop(out var frame))
        {
            var extent = new Extent(frame.Extent.Nodes + inside.Nodes, Math.Max(frame.Extent.Height, inside.Height + 1));
            _open.Push(frame with { Extent = extent, NextIsKey = !frame.NextIsKey });
        }
    }

    private void Count(int depth, long nodes)
    {
        if (depth > MaxDepth)
        {
            throw Refusal($"nested deeper than {MaxDepth} levels");
        }

        _total += nodes;
        if (_total > MaxNodes)
        {
            throw Refusal($"more than {MaxNodes} nodes, aliases followed");
        }
    }

    private YamlException Refusal(string message) => new(Current!.Start, Current.End, message);

    /// <summary>A collection that has begun.</summary>
    /// <param name="Start">Its first event.</param>
    /// <param name="Extent">What it holds so far.</param>
    /// <param name="NextIsKey">Whether the next node is a key; null in a list.</param>
    private readonly record struct Frame(NodeEvent Start, Extent Extent, bool? NextIsKey);

    /// <summary>How many nodes a node stands for, itself included, and how many levels.</summary>
    private readonly record struct Extent(long Nodes, int Height)
    {
        public static readonly Extent One = new(1, 1);
    }
}
