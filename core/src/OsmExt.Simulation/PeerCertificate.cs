using System.Collections.Immutable;

namespace OsmExt.Simulation;

/// <summary>The names in a certificate, as the other side reads them.</summary>
/// <param name="Uris">URI subject alternative names.</param>
/// <param name="DnsNames">DNS subject alternative names.</param>
internal sealed record PeerCertificate(ImmutableArray<string> Uris, ImmutableArray<string> DnsNames)
{
    /// <summary>The subject in RFC 2253 form; empty when the certificate has none that matters.</summary>
    public string Subject { get; init; } = "";

    public override string ToString() => string.Join(", ", Uris.Concat(DnsNames));
}
