using System.Collections.Immutable;
using System.Net;
using OsmExt.Simulation.Listeners;

namespace OsmExt.Simulation;

/// <summary>What a client sends.</summary>
public enum SimulatedProtocol
{
    /// <summary>An HTTP/1.1 request.</summary>
    Http,

    /// <summary>A gRPC call: an HTTP/2 request.</summary>
    Grpc,

    /// <summary>A connection whose first bytes come from the client and are neither HTTP nor TLS.</summary>
    Tcp,
}

/// <summary>What authorization servers that proxies ask are taken to answer.</summary>
public enum AuthorizerAnswer
{
    /// <summary>Nobody knows; what depends on it is undecided.</summary>
    Unknown,

    /// <summary>They allow.</summary>
    Allow,

    /// <summary>They deny.</summary>
    Deny,
}

/// <summary>A request to decide. Texts are bytes (<see cref="ByteText"/>).</summary>
/// <param name="Source">Where it comes from.</param>
/// <param name="Destination">The address the client dials, before any redirect.</param>
internal sealed record SimulatedRequest(IPEndPoint Source, IPEndPoint Destination)
{
    /// <summary>The client's own proxy, through which all it sends goes; null when it has none.</summary>
    public ProxyConfiguration? SourceProxy { get; init; }

    public SimulatedProtocol Protocol { get; init; }

    public string Method { get; init; } = "GET";

    /// <summary>The <c>Host</c> header.</summary>
    public string Authority { get; init; } = "";

    public string Path { get; init; } = "/";

    public ImmutableArray<(string Name, string Value)> Headers { get; init; } = [];

    public AuthorizerAnswer Authorizer { get; init; }

    /// <summary>The TLS the client itself begins with; null for plain text.</summary>
    public ClientHello? Tls { get; init; }
}
