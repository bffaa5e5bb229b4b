using OsmExt.Envoy;

namespace OsmExt.Xds.Protocol;

/// <summary>The response of one type that the client has not answered yet.</summary>
/// <param name="Changed">What it brings that the client did not have, or was owed again.</param>
/// <param name="Revision">The oldest input revision it waits on behalf of.</param>
/// <param name="SentAt">Timestamp of the clock.</param>
/// <param name="Since">Timestamp of the oldest change it carries; null when it only answers a request.</param>
internal sealed record InFlight(string Nonce, IReadOnlyList<XdsResource> Changed, long Revision, long SentAt, long? Since)
{
    /// <summary>Whether the client's connection has taken it.</summary>
    public bool IsWritten { get; init; }
}
