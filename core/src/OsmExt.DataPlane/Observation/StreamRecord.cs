using Envoy.Config.Accesslog.V3;
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

    /// <summary>The access logs it is to be written to, as the filter that served it is configured.</summary>
    public IReadOnlyList<AccessLog> AccessLogs { get; set; } = [];

    /// <summary>Whether it is a request; else a connection that is passed on.</summary>
    public bool IsRequest { get; set; }

    public string Listener { get; set; } = "";

    /// <summary>The statistics prefix of the connection manager or the TCP proxy.</summary>
    public string StatPrefix { get; set; } = "";

    /// <summary>HTTP/1.1 or HTTP/2; empty for connections.</summary>
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

    /// <summary>Address and port of the endpoint that was asked last.</summary>
    public string UpstreamHost { get; set; } = "";

    /// <summary>How often an endpoint was asked: 1 without retries, 0 when none was.</summary>
    public int UpstreamAttempts { get; set; }

    /// <summary>From the first byte sent upstream to the first byte of the answer; null when none came.</summary>
    public TimeSpan? UpstreamServiceTime { get; set; }

    /// <summary>From the beginning of the request to the first byte of the answer; null when none came.</summary>
    public TimeSpan? ResponseDuration { get; set; }

    public string UpstreamTransportFailureReason { get; set; } = "";

    /// <summary>Whether access rules let it pass; null when none were asked.</summary>
    public bool? RbacAllowed { get; set; }

    public string RouteConfiguration { get; set; } = "";

    public string RouteName { get; set; } = "";

    public string VirtualHost { get; set; } = "";

    public string FilterChain { get; set; } = "";

    public string DownstreamRemote { get; set; } = "";

    public string DownstreamLocal { get; set; } = "";

    /// <summary>URI names of the client's verified certificate.</summary>
    public IReadOnlyList<string> DownstreamPeerUris { get; set; } = [];

    public string RequestedServerName { get; set; } = "";

    /// <summary>Whether the client's connection is TLS.</summary>
    public bool IsTls { get; set; }

    /// <summary>Metadata of the endpoint that was chosen, by filter name.</summary>
    public Metadata? UpstreamMetadata { get; set; }

    public Metadata? UpstreamClusterMetadata { get; set; }

    public Metadata? RouteMetadata { get; set; }

    public Metadata? VirtualHostMetadata { get; set; }

    public Metadata? FilterChainMetadata { get; set; }

    /// <summary>A request's header by name in lower case; null when it is missing.</summary>
    public Func<string, string?> RequestHeader { get; set; } = _ => null;

    /// <summary>A response's header by name in lower case; null when it is missing.</summary>
    public Func<string, string?> ResponseHeader { get; set; } = _ => null;

    /// <summary>A response's trailer by name in lower case; null when it is missing.</summary>
    public Func<string, string?> ResponseTrailer { get; set; } = _ => null;
}
