using System.Globalization;

namespace OsmExt.Xds.Protocol;

/// <summary>
/// Nonces of one stream: a number that goes up, behind a tag drawn for the stream, so that a nonce of another stream
/// or an invented one is not taken for ours.
/// </summary>
internal sealed class NonceSequence(ulong tag)
{
    private long _last;

    public string Next() => string.Create(CultureInfo.InvariantCulture, $"{tag:x16}.{++_last}");
}
