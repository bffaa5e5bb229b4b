using OsmExt.Envoy;
using OsmExt.Xds.Server;

namespace OsmExt.Xds.Observability;

/// <summary>What a client has of one type.</summary>
/// <param name="Client">Whose stream it is.</param>
/// <param name="IsSettled">Whether it has answered all clusters and listeners, so that what it does not subscribe to it does not use.</param>
/// <param name="Resources">Everything it holds or subscribes to.</param>
internal sealed record XdsHoldings(ConnectedClient Client, bool IsSettled, IReadOnlyList<XdsHolding> Resources);

/// <summary>
/// One resource. It has what it acknowledged, or, from the moment it is sent, perhaps what was sent. With nothing acknowledged it
/// may have anything, from an earlier stream.
/// </summary>
internal sealed record XdsHolding(string Name, XdsResource? Sent, XdsResource? Acknowledged);
