using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace OsmExt.Yaml;

/// <summary>
/// Refuses texts that would exhaust whoever walks the tree: too deep, too large once its aliases are followed (a "billion laughs"
/// text), or a node that contains itself. The loader and every reader after it recurse, and a stack overflow ends the process.
/// </summary>
internal sealed class BoundedParser(IParser inner) : IParser
{
    public const int MaxDepth = 100;
    public const long MaxNodes = 4_000_000;

    private readonly Dictionary<string, Extent> _anchors = new(StringComparer.Ordinal);
    private readonly Stack<(string? Anchor, Extent Extent)> _open = new();
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
            case AnchorAlias alias:
                var target = Target(alias);
                Count(_open.Count + target.Height, target.Nodes);
                Enclose(target);
                break;
            case Scalar scalar:
                Count(_open.Count + 1, 1);
                Enclose(Extent.One);
                Remember(NameOf(scalar), Extent.One);
                break;
            case MappingStart or SequenceStart:
                _open.Push((NameOf((NodeEvent)Current), Extent.One));
                Count(_open.Count, 1);
                break;
            case MappingEnd or SequenceEnd:
                var (anchor, extent) = _open.Pop();
                Enclose(extent);
                Remember(anchor, extent);
                break;
        }

        return true;
    }

    private static string? NameOf(NodeEvent node) => node.Anchor.IsEmpty ? null : node.Anchor.Value;

    private Extent Target(AnchorAlias alias)
    {
        var name = alias.Value.Value;
        if (_open.Any(frame => string.Equals(frame.Anchor, name, StringComparison.Ordinal)))
        {
            throw Refusal($"The alias *{name} stands inside the node it refers to");
        }

        return _anchors.TryGetValue(name, out var extent) ? extent : throw Refusal($"There is no anchor &{name} before this alias");
    }

    private void Remember(string? anchor, Extent extent)
    {
        if (anchor is not null)
        {
            _anchors[anchor] = extent;
        }
    }

    private void Enclose(Extent inside)
    {
        if (_open.TryPop(out var frame))
        {
            _open.Push((frame.Anchor, new(frame.Extent.Nodes + inside.Nodes, Math.Max(frame.Extent.Height, inside.Height + 1))));
        }
    }

    private void Count(int depth, long nodes)
    {
        if (depth > MaxDepth)
        {
            throw Refusal($"Nested deeper than {MaxDepth} levels");
        }

        _total += nodes;
        if (_total > MaxNodes)
        {
            throw Refusal($"More than {MaxNodes} nodes, aliases followed");
        }
    }

    private YamlException Refusal(string message) => new(Current!.Start, Current.End, message);

    /// <summary>How many nodes a node stands for, itself included, and how many levels.</summary>
    private readonly record struct Extent(long Nodes, int Height)
    {
        public static readonly Extent One = new(1, 1);
    }
}
