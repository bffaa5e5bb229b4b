namespace OsmExt.Xds.Protocol;

/// <summary>What one request changed about a subscription.</summary>
internal readonly record struct InterestChange()
{
    /// <summary>Names the client waits for.</summary>
    public IReadOnlyList<string> Asked { get; init; } = [];

    /// <summary>Names it no longer subscribes to by name; a wildcard may still cover them.</summary>
    public IReadOnlyList<string> Dropped { get; init; } = [];

    public bool WildcardAsked { get; init; }

    public bool WildcardDropped { get; init; }

    public bool IsEmpty => Asked.Count == 0 && Dropped.Count == 0 && !WildcardAsked && !WildcardDropped;
}
