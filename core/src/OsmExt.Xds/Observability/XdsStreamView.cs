using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Observability;

/// <summary>The state of one stream at one moment, for people to look at.</summary>
internal sealed record XdsStreamView(string ProxyId, XdsVariant Variant, string NodeVersion, DateTimeOffset ConnectedSince)
{
    /// <summary>The input revision the stream looks at; null while it waits for its scope's first snapshot.</summary>
    public required long? Revision { get; init; }

    /// <summary>How far the client is behind.</summary>
    public required XdsLag Lag { get; init; }

    public required IReadOnlyList<XdsTypeView> Types { get; init; }
}

/// <summary>One type of a stream.</summary>
internal sealed record XdsTypeView(string TypeUrl)
{
    public required bool Wildcard { get; init; }

    /// <summary>Names subscribed to one by one, sorted.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>What was sent and what of it was acknowledged, sorted by name.</summary>
    public required IReadOnlyList<XdsResourceView> Resources { get; init; }

    /// <summary>Names waiting to be sent.</summary>
    public required int Pending { get; init; }

    /// <summary>A response is on its way.</summary>
    public required bool Unanswered { get; init; }

    /// <summary>What the client said when it last refused something.</summary>
    public required string? LastError { get; init; }

    public required DateTimeOffset? LastErrorAt { get; init; }

    public required IReadOnlyList<Rejection> Rejections { get; init; }
}

/// <summary>One resource of a stream. Versions are null when nothing of it was sent, or nothing acknowledged.</summary>
internal sealed record XdsResourceView(string Name, string? Sent, string? Acknowledged);
