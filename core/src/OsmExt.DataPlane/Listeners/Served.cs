using System.Net;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using OsmExt.DataPlane.Observation.Statistics;
using OsmExt.DataPlane.Tls;
using OsmExt.Simulation;
using OsmExt.Simulation.Listeners;

namespace OsmExt.DataPlane.Listeners;

/// <summary>A connection whose filter chain is chosen and whose handshake, if any, is done.</summary>
/// <param name="Listener">The listener.</param>
/// <param name="Chain">The filter chain.</param>
/// <param name="ChainName">Its name.</param>
/// <param name="Facts">What is known of the connection.</param>
/// <param name="Trust">Who the client has proved to be; null without TLS.</param>
/// <param name="Residence">When it has to end.</param>
internal sealed record Served(Listener Listener, FilterChain Chain, string ChainName, ConnectionFacts Facts, PeerTrust? Trust, Residence Residence)
{
    /// <summary>Where it is counted when it serves requests; null where nothing is counted.</summary>
    public HttpConnectionCounts.Connection? Counts { get; init; }

    public bool IsTls => Trust is not null;

    public PeerCertificate? Peer => Trust?.Peer;

    public IPEndPoint Source => Facts.Connection.Source;

    public TrafficDirection Direction => Listener.TrafficDirection;
}
