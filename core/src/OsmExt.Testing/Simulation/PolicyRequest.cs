using OsmExt.Simulation;

namespace OsmExt.Testing.Simulation;

/// <summary>A request to decide.</summary>
/// <param name="From">The client: <c>NAMESPACE/POD</c>, or an address outside the mesh.</param>
/// <param name="Host">A service's name in any form the client's DNS takes, or an address.</param>
/// <param name="Port">The port dialled.</param>
public sealed record PolicyRequest(string From, string Host, int Port)
{
    /// <summary>What is sent. Default: an HTTP/1.1 request.</summary>
    public SimulatedProtocol Protocol { get; init; }

    /// <summary>The method; null for POST with gRPC and GET otherwise.</summary>
    public string? Method { get; init; }

    /// <summary>The path, with query if any. Default <c>/</c>.</summary>
    public string Path { get; init; } = "/";

    /// <summary>Headers, repeated ones as well. <c>host</c> replaces what is made of host and port.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];
}

/// <summary>What becomes of a request.</summary>
/// <param name="Verdict">Allowed when every way it may take is; denied when any way is.</param>
/// <param name="Status">The HTTP status; null where a connection is closed.</param>
/// <param name="Reason">Why, as a clause.</param>
public sealed record PolicyDecision(Verdict Verdict, int? Status, string Reason)
{
    /// <summary>Every way the request may take.</summary>
    public IReadOnlyList<PolicyOutcome> Outcomes { get; init; } = [];

    /// <summary>The elements of the configuration on the way that decided, one line each.</summary>
    public IReadOnlyList<string> Path { get; init; } = [];

    /// <summary>The verdict, the status and the way, for messages of tests.</summary>
    public override string ToString() => $"{Verdict} {Status}: {Reason}\n  {string.Join("\n  ", Path)}";
}

/// <summary>One way of a request.</summary>
/// <param name="Share">Its share of such requests, from 0 to 1.</param>
/// <param name="Backend">The service it is sent to, <c>NAMESPACE/NAME</c>; empty when the client's proxy answers itself.</param>
/// <param name="Allowed">Whether it arrives.</param>
/// <param name="Status">The HTTP status; null for a connection.</param>
public sealed record PolicyOutcome(double Share, string Backend, bool Allowed, int? Status);
