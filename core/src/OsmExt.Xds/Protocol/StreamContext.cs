namespace OsmExt.Xds.Protocol;

/// <summary>What all subscriptions of one stream share.</summary>
internal sealed record StreamContext(XdsVariant Variant, NonceSequence Nonces, ProxyRejections Rejections, TimeProvider Clock)
{
    /// <summary>What the client calls itself.</summary>
    public string NodeId { get; init; } = "";

    /// <summary>The one type the stream carries; null for all types. What there is of others is then told, and answered, elsewhere.</summary>
    public string? OnlyType { get; init; }

    /// <summary>How long an unanswered response, or endpoints nobody asked for yet, may hold back the types behind it.</summary>
    public TimeSpan HoldTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How much of the hold timeout is left.</summary>
    public TimeSpan HoldLeft(long since, long now) => HoldTimeout - Clock.GetElapsedTime(since, now);

    /// <summary>Where a response may hold only part of what is due, it ends at this size; the rest follows.</summary>
    public int MaxResponseBytes { get; init; } = 3 * 1024 * 1024;

    public int MaxTypes { get; init; } = 32;

    /// <summary>Names subscribed to in one type.</summary>
    public int MaxResourceNames { get; init; } = 20_000;

    /// <summary>Length of all names subscribed to on the stream together.</summary>
    public long MaxNameCharacters { get; init; } = 16 * 1024 * 1024;
}
