namespace OsmExt.Xds.Server;

/// <summary>A proxy whose identity is proven. The host may derive from it to carry more.</summary>
/// <param name="ProxyId">Who it is, for limits, rejections and logs.</param>
/// <param name="ScopeKey">The scope it shares with proxies that get the same.</param>
/// <param name="OwnScopeKey">A second scope laid over the first, for what only this proxy may see; null if there is nothing of the kind.</param>
internal record ConnectedClient(string ProxyId, object ScopeKey, object? OwnScopeKey = null);
