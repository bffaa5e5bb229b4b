using OsmExt.Envoy;

namespace OsmExt.Xds.Protocol;

/// <summary>The response of one type that the client has not answered yet.</summary>
/// <param name="Changed">What it brings that the client did not have, or was owed again.</param>
/// <param name="Revision">The oldest input revision it waits on behalf of.</param>
/// <param name="SentAt">Timestamp of the clock.</param>
internal sealed record InFlight(string Nonce, IReadOnlyList<XdsResource> Changed, long Revision, long SentAt);
