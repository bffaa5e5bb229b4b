using OsmExt.Envoy;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Xds.Observability;

/// <summary>How far the client of one stream is behind.</summary>
/// <param name="ProxyId">Whose stream it is.</param>
/// <param name="Backlog">What it has still to be sent or to answer.</param>
internal sealed record XdsLag(string ProxyId, Backlog Backlog)
{
    private const int LongestTypeName = 60;

    /// <summary>Whether it has asked for listeners on this stream; before it has on any, nothing is known of what it has.</summary>
    public required bool HasListeners { get; init; }

    /// <summary>The same of clusters.</summary>
    public required bool HasClusters { get; init; }

    /// <summary>The type, by its short name, that it was sent and does not read, if there is one.</summary>
    public required string? Unread { get; init; }

    /// <summary>The type, by its short name, that it was sent and has not answered, if there is one.</summary>
    public required string? Unanswered { get; init; }

    /// <summary>What it refuses now.</summary>
    public required IReadOnlyList<Rejection> Rejections { get; init; }

    public static XdsLag Of(string proxyId, StreamState state) => new(proxyId, state.Backlog)
    {
        HasListeners = Begun(state, TypeUrls.Listener),
        HasClusters = Begun(state, TypeUrls.Cluster),
        Unread = NameOf(state.Subscriptions.FirstOrDefault(static type => type.InFlight is { IsWritten: false })),
        Unanswered = NameOf(state.Subscriptions.FirstOrDefault(static type => type.InFlight is { IsWritten: true })),
        Rejections = [.. state.Subscriptions.SelectMany(static type => type.Rejected.All)],
    };

    private static bool Begun(StreamState state, string typeUrl)
        => state.Subscriptions.Any(type => type.Begun && string.Equals(type.TypeUrl, typeUrl, StringComparison.Ordinal));

    private static string? NameOf(TypeSubscription? type) => type is null ? null : ClientText.Clean(TypeUrls.ShortName(type.TypeUrl), LongestTypeName);
}
