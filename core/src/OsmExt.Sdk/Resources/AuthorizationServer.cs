namespace OsmExt.Sdk.Resources;

/// <summary>A server that proxies ask about requests that reach them, as <c>inboundExternalAuthorization</c> of the MeshConfig names it.</summary>
/// <param name="Address">A DNS name or an address, without a port.</param>
/// <param name="Port">Where it speaks gRPC.</param>
public sealed record AuthorizationServer(string Address, int Port)
{
    /// <summary>What proxies' statistics of its answers begin with. Default <c>inboundExtAuthz</c>.</summary>
    public string StatPrefix { get; init; } = "inboundExtAuthz";

    /// <summary>How long a proxy waits for its answer. Default one second.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether requests are let in while it does not answer. Default false.</summary>
    public bool FailureModeAllow { get; init; }
}
