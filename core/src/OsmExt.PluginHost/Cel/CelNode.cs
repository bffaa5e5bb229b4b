namespace OsmExt.PluginHost.Cel;

/// <summary>A part of an expression.</summary>
/// <param name="At">Where in the text it begins, from 1.</param>
internal abstract record CelNode(int At);

internal sealed record CelLiteral(int At, object? Value) : CelNode(At);

internal sealed record CelName(int At, string Name) : CelNode(At);

/// <param name="OnlyAsks">Whether it is asked for the field's presence (<c>has</c>) and not for its value.</param>
internal sealed record CelField(int At, CelNode Of, string Name, bool OnlyAsks = false) : CelNode(At);

internal sealed record CelItem(int At, CelNode Of, CelNode Key) : CelNode(At);

internal sealed record CelList(int At, IReadOnlyList<CelNode> Items) : CelNode(At);

internal sealed record CelUnary(int At, string Operator, CelNode Of) : CelNode(At);

internal sealed record CelBinary(int At, string Operator, CelNode Left, CelNode Right) : CelNode(At);

internal sealed record CelChoice(int At, CelNode If, CelNode Then, CelNode Else) : CelNode(At);

/// <param name="Arguments">What it is called on comes first.</param>
internal sealed record CelCall(int At, string Function, IReadOnlyList<CelNode> Arguments) : CelNode(At);

/// <summary>A macro over a list, or over the keys of a mapping: <c>all</c>, <c>exists</c>, <c>exists_one</c>, <c>filter</c> or <c>map</c>.</summary>
internal sealed record CelLoop(int At, string Macro, CelNode Over, string Variable, CelNode Body) : CelNode(At);

/// <summary>What keeps an expression from being used, or from having a value.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="at">Where in the text, from 1; 0 for nowhere in particular.</param>
internal sealed class CelException(string message, int at = 0) : Exception(message)
{
    public int At => at;

    /// <summary>Whether nothing that comes after can decide any more.</summary>
    public bool IsFinal { get; init; }
}
