using System.Collections.Immutable;
using System.Net;

namespace OsmExt.Simulation.Listeners;

/// <summary>What somebody who opens a TLS connection says of himself.</summary>
/// <param name="ServerName">SNI; empty for none.</param>
/// <param name="Alpn">The application protocols offered, in order.</param>
/// <param name="Certificate">The names in the certificate it can present; null for none.</param>
internal sealed record ClientHello(string ServerName, ImmutableArray<string> Alpn, PeerCertificate? Certificate)
{
    /// <summary>Lowest and highest TLS version, as 10, 11, 12 and 13.</summary>
    public (int Low, int High) Versions { get; init; } = (12, 13);

    /// <summary>What the client asks of the server's names; null for nothing.</summary>
    public Func<PeerCertificate, string?>? RefusesServer { get; init; }
}

/// <summary>What the first bytes inside a connection look like, to who can read them.</summary>
internal enum Payload
{
    /// <summary>HTTP/1.1.</summary>
    Http1,

    /// <summary>HTTP/2 with prior knowledge.</summary>
    Http2,

    /// <summary>Anything else.</summary>
    Bytes,
}

/// <summary>A connection that reaches a proxy.</summary>
/// <param name="Source">From where.</param>
/// <param name="Destination">To where the client opened it, before any redirect.</param>
/// <param name="Payload">What is in it.</param>
/// <param name="Tls">The TLS it begins with; null for plain text.</param>
internal sealed record Connection(IPEndPoint Source, IPEndPoint Destination, Payload Payload, ClientHello? Tls);
