using Envoy.Config.Core.V3;

namespace OsmExt.DataPlane.Observation;

/// <summary>
/// What one request, or one connection that is merely passed on, has come to: filled in on its way, read when it ends, by access logs and
/// statistics. One request is served by one thread at a time, so nothing here is locked.
/// </summary>
internal sealed class StreamRecord
{
    public required DateTimeOffset Began { get; init; }

    public TimeSpan Duration { get; set; }

    /// <summary>Whether it came through an outbound or inbound listener, by the listener's traffic direction.</summary>
    public TrafficDirection Direction { get; init; }

    public string Protocol { get; set; } = "";

    public string Method { get; set; } = "";

    public string Authority { get; set; } = "";

    public string Path { get; set; } = "";

    public int? ResponseCode { get; set; }

    /// <summary>Envoy's short words for what went wrong, such as UH or NR; in the order they were found.</summary>
    public List<string> ResponseFlags { get; } = [];

    public string ResponseCodeDetails { get; set; } = "";

    public long BytesReceived { get; set; }

    public long BytesSent { get; set; }

    public string UpstreamCluster { get; set; } = "";

    public string UpstreamHost { get; set; } = "";

    public string RouteName { get; set; } = "";

    public string VirtualHost { get; set; } = "";

    public string FilterChain { get; set; } = "";

    public string DownstreamRemote { get; set; } = "";

    public string DownstreamLocal { get; set; } = "";

    /// <summary>URI names of the client's verified certificate.</summary>
    public IReadOnlyList<string> DownstreamPeerUris { get; set; } = [];

    public string RequestedServerName { get; set; } = "";

    /// <summary>Metadata of the endpoint that was chosen, by filter name.</summary>
    public Metadata? UpstreamMetadata { get; set; }

    public Metadata? VirtualHostMetadata { get; set; }

    public Metadata? FilterChainMetadata { get; set; }

    /// <summary>A request's header by name in lower case; null when it is missing.</summary>
    public Func<string, string?> RequestHeader { get; set; } = _ => null;

    /// <summary>A response's header by name in lower case; null when it is missing.</summary>
    public Func<string, string?> ResponseHeader { get; set; } = _ => null;
}
