using OsmExt.Simulation.Http;
using OsmExt.Simulation.Listeners;

namespace OsmExt.Simulation.Rbac;

/// <summary>What access rules can ask about.</summary>
/// <param name="Facts">The connection.</param>
/// <param name="Peer">The names in the certificate the client proved itself with; null on a plain connection.</param>
/// <param name="IsTls">Whether the connection is TLS.</param>
/// <param name="Request">The request; null where only the connection is judged.</param>
/// <param name="Release">The Envoy that judges.</param>
internal sealed record AccessContext(ConnectionFacts Facts, PeerCertificate? Peer, bool IsTls, HttpRequest? Request, EnvoyRelease Release)
{
    /// <summary>The client's address as the proxies before this one say it; null where that is not known.</summary>
    public System.Net.IPAddress? Claimed { get; init; }
}
