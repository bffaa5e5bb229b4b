using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Models;

/// <summary>
/// <c>policy.openservicemesh.io</c> UpstreamTrafficSetting. Ours beyond OSM's: the two timeouts, outlierDetection, healthCheck.
/// </summary>
internal sealed class UpstreamTrafficSettingModel : CustomObject<UpstreamTrafficSettingSpec>;

internal sealed class UpstreamTrafficSettingSpec
{
    [JsonPropertyName("host")]
    public string? Host { get; set; }

    [JsonPropertyName("connectionSettings")]
    public ConnectionSettingsModel? ConnectionSettings { get; set; }

    [JsonPropertyName("outlierDetection")]
    public OutlierDetectionModel? OutlierDetection { get; set; }

    [JsonPropertyName("healthCheck")]
    public HealthCheckModel? HealthCheck { get; set; }

    [JsonPropertyName("rateLimit")]
    [Restricts]
    public RateLimitModel? RateLimit { get; set; }

    [JsonPropertyName("httpRoutes")]
    [Restricts]
    public IList<HttpRouteSettingModel>? HttpRoutes { get; set; }
}

internal sealed class ConnectionSettingsModel
{
    [JsonPropertyName("tcp")]
    public TcpConnectionModel? Tcp { get; set; }

    [JsonPropertyName("http")]
    public HttpConnectionModel? Http { get; set; }
}

internal sealed class TcpConnectionModel
{
    [JsonPropertyName("maxConnections")]
    public int? MaxConnections { get; set; }

    [JsonPropertyName("connectTimeout")]
    public string? ConnectTimeout { get; set; }

    [JsonPropertyName("idleTimeout")]
    public string? IdleTimeout { get; set; }
}

internal sealed class HttpConnectionModel
{
    [JsonPropertyName("maxRequests")]
    public int? MaxRequests { get; set; }

    [JsonPropertyName("maxRequestsPerConnection")]
    public int? MaxRequestsPerConnection { get; set; }

    [JsonPropertyName("maxPendingRequests")]
    public int? MaxPendingRequests { get; set; }

    [JsonPropertyName("maxRetries")]
    public int? MaxRetries { get; set; }

    [JsonPropertyName("requestTimeout")]
    public string? RequestTimeout { get; set; }
}

internal sealed class OutlierDetectionModel
{
    [JsonPropertyName("consecutive5xx")]
    public int? Consecutive5xx { get; set; }

    [JsonPropertyName("consecutiveGatewayErrors")]
    public int? ConsecutiveGatewayErrors { get; set; }

    [JsonPropertyName("interval")]
    public string? Interval { get; set; }

    [JsonPropertyName("baseEjectionTime")]
    public string? BaseEjectionTime { get; set; }

    [JsonPropertyName("maxEjectionPercent")]
    public int? MaxEjectionPercent { get; set; }
}

internal sealed class HealthCheckModel
{
    [JsonPropertyName("interval")]
    public string? Interval { get; set; }

    [JsonPropertyName("timeout")]
    public string? Timeout { get; set; }

    [JsonPropertyName("unhealthyThreshold")]
    public int? UnhealthyThreshold { get; set; }

    [JsonPropertyName("healthyThreshold")]
    public int? HealthyThreshold { get; set; }
}
