namespace OsmExt.Sdk.Resources;

/// <summary>
/// OSM UpstreamTrafficSetting: how clients treat a service (connections, timeouts, health) and how much it takes (rate limits).
/// It lies in the service's own namespace.
/// </summary>
public sealed record UpstreamTrafficSetting(ResourceMetadata Metadata) : Resource(Metadata)
{
    /// <inheritdoc/>
    public override string Kind => nameof(UpstreamTrafficSetting);

    /// <summary>The service's full name, as written: <c>SERVICE.NAMESPACE.svc.cluster.local</c>.</summary>
    public required string Host { get; init; }

    /// <summary>What it asks for.</summary>
    public required UpstreamSettings Settings { get; init; }
}

/// <summary>What an <see cref="UpstreamTrafficSetting"/> asks for.</summary>
public sealed record UpstreamSettings
{
    /// <summary>Nothing beyond the defaults.</summary>
    public static UpstreamSettings None { get; } = new();

    /// <summary>How each client's proxy connects.</summary>
    public ConnectionSettings Connections { get; init; } = new();

    /// <summary>When a client's proxy stops using an endpoint that fails; null for never.</summary>
    public OutlierDetection? OutlierDetection { get; init; }

    /// <summary>How a client's proxy probes endpoints; null for not at all, unless the whole mesh does.</summary>
    public HealthCheck? HealthCheck { get; init; }

    /// <summary>How much each of the service's proxies lets in.</summary>
    public RateLimits RateLimits { get; init; } = new();
}

/// <summary>Limits on the connections and requests of one client proxy to one service. A null value means no limit, or Envoy's default.</summary>
public sealed record ConnectionSettings
{
    /// <summary>Connections at a time.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>How long connecting may take. Envoy's default is 5 seconds.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>Requests at a time.</summary>
    public int? MaxRequests { get; init; }

    /// <summary>Requests that one connection carries in its life.</summary>
    public int? MaxRequestsPerConnection { get; init; }

    /// <summary>Requests that wait for a connection.</summary>
    public int? MaxPendingRequests { get; init; }

    /// <summary>Requests being retried at a time.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>How long a whole request may take, streams included; null for no limit.</summary>
    public TimeSpan? RequestTimeout { get; init; }

    /// <summary>How long a connection may carry nothing before it is closed. Envoy's default is one hour.</summary>
    public TimeSpan? IdleTimeout { get; init; }
}

/// <summary>When an endpoint that fails is left alone for a while. A null value leaves it to Envoy.</summary>
public sealed record OutlierDetection
{
    /// <summary>Server errors, or refused connections, in a row. Envoy's default is 5; 0 turns it off.</summary>
    public int? Consecutive5xx { get; init; }

    /// <summary>502, 503 and 504 in a row. Off by default.</summary>
    public int? ConsecutiveGatewayErrors { get; init; }

    /// <summary>How often endpoints are judged. Envoy's default is 10 seconds.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>How long the first ejection lasts; each further one is longer by as much. Envoy's default is 30 seconds.</summary>
    public TimeSpan? BaseEjectionTime { get; init; }

    /// <summary>The greatest share of endpoints that may be ejected, in percent. Envoy's default is 10.</summary>
    public int? MaxEjectionPercent { get; init; }
}

/// <summary>How endpoints are probed: the proxy in front of an HTTP service answers, a TCP port must accept a connection.</summary>
public sealed record HealthCheck
{
    /// <summary>How often.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an answer may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Failures in a row after which an endpoint is not used.</summary>
    public int UnhealthyThreshold { get; init; } = 3;

    /// <summary>Successes in a row after which it is used again.</summary>
    public int HealthyThreshold { get; init; } = 1;
}
