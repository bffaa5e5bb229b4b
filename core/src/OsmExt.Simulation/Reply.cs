using OsmExt.Simulation.Http;

namespace OsmExt.Simulation;

/// <summary>The end of a request that no application sees, or the application's own answer.</summary>
/// <param name="Status">The HTTP status; null when a connection is refused or closed.</param>
/// <param name="Reason">Why, as a clause.</param>
internal sealed record Reply(int? Status, string Reason)
{
    /// <summary>What a gRPC client gets, with HTTP status 200, in place of <see cref="Status"/>; null for other clients.</summary>
    public int? GrpcStatus { get; init; }

    /// <summary>Addressed to whoever sent the request: replies to gRPC clients are gRPC's.</summary>
    public Reply To(HttpRequest request) => Status is not { } status || !request.IsGrpc ? this : this with
    {
        GrpcStatus = status switch { 400 => 13, 401 => 16, 403 => 7, 404 => 12, 429 or 502 or 503 or 504 => 14, _ => 2 },
    };

    public static Reply Of(int status, string reason) => new(status, reason);

    public static Reply Closed(string reason) => new(null, reason);
}
