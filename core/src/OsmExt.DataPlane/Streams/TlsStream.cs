using System.Net.Security;

namespace OsmExt.DataPlane.Streams;

/// <summary>TLS over a stream that can still be reached, to close its writing end.</summary>
internal sealed class TlsStream(Stream inner) : SslStream(inner, leaveInnerStreamOpen: false)
{
    public Stream Inner { get; } = inner;
}
