using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Kubernetes.Models;

/// <summary>
/// <c>policy.openservicemesh.io</c> UpstreamTrafficSetting. Ours beyond OSM's: the two timeouts, outlierDetection, healthCheck.
/// </summary>
internal sealed class UpstreamTrafficSettingModel : CustomObject<UpstreamTrafficSettingSpec>;

[CelRule("!has(self.httpRoutes) || !self.httpRoutes.exists(route, has(route.rateLimit) && has(route.rateLimit.global)) || (has(self.rateLimit) && has(self.rateLimit.global) && has(self.rateLimit.global.http))", "rateLimit.global.http must name the service that counts the routes' descriptors", FieldPath = ".rateLimit")]
internal sealed class UpstreamTrafficSettingSpec
{
    [JsonPropertyName("host")]
    [Description("The service's full name, such as bookstore.books.svc.cluster.local.")]
    [Required, MinLength(1)]
    public string? Host { get; set; }

    [JsonPropertyName("connectionSettings")]
    [Description("Limits and timeouts of connections to the service.")]
    public ConnectionSettingsModel? ConnectionSettings { get; set; }

    [JsonPropertyName("outlierDetection")]
    [Description("When an endpoint that fails is left out for a while.")]
    public OutlierDetectionModel? OutlierDetection { get; set; }

    [JsonPropertyName("healthCheck")]
    [Description("How proxies probe the service's endpoints.")]
    public HealthCheckModel? HealthCheck { get; set; }

    [JsonPropertyName("rateLimit")]
    [Restricts]
    [Description("How much each workload that serves it lets in.")]
    public RateLimitModel? RateLimit { get; set; }

    [JsonPropertyName("httpRoutes")]
    [Restricts]
    [Description("Limits of single routes.")]
    [MaxLength(128)]
    public IList<HttpRouteSettingModel>? HttpRoutes { get; set; }
}

internal sealed class ConnectionSettingsModel
{
    [JsonPropertyName("tcp")]
    [Description("Connections.")]
    public TcpConnectionModel? Tcp { get; set; }

    [JsonPropertyName("http")]
    [Description("Requests.")]
    public HttpConnectionModel? Http { get; set; }
}

internal sealed class TcpConnectionModel
{
    [JsonPropertyName("maxConnections")]
    [Description("Connections at once, per client proxy.")]
    [Range(0, int.MaxValue)]
    public int? MaxConnections { get; set; }

    [JsonPropertyName("connectTimeout")]
    [Description("How long connecting may take; 5s when it is not set.")]
    [RegularExpression(Patterns.Duration)]
    public string? ConnectTimeout { get; set; }

    [JsonPropertyName("idleTimeout")]
    [Description("How long an idle connection is kept.")]
    [RegularExpression(Patterns.Duration)]
    public string? IdleTimeout { get; set; }
}

internal sealed class HttpConnectionModel
{
    [JsonPropertyName("maxRequests")]
    [Description("Requests at once, per client proxy.")]
    [Range(0, int.MaxValue)]
    public int? MaxRequests { get; set; }

    [JsonPropertyName("maxRequestsPerConnection")]
    [Description("Requests on one connection.")]
    [Range(0, int.MaxValue)]
    public int? MaxRequestsPerConnection { get; set; }

    [JsonPropertyName("maxPendingRequests")]
    [Description("Requests that wait for a connection.")]
    [Range(0, int.MaxValue)]
    public int? MaxPendingRequests { get; set; }

    [JsonPropertyName("maxRetries")]
    [Description("Retries at once.")]
    [Range(0, int.MaxValue)]
    public int? MaxRetries { get; set; }

    [JsonPropertyName("requestTimeout")]
    [Description("How long a request may take.")]
    [RegularExpression(Patterns.Duration)]
    public string? RequestTimeout { get; set; }
}

internal sealed class OutlierDetectionModel
{
    [JsonPropertyName("consecutive5xx")]
    [Description("Answers with 5xx in a row; 0 for never.")]
    [Range(0, int.MaxValue)]
    public int? Consecutive5xx { get; set; }

    [JsonPropertyName("consecutiveGatewayErrors")]
    [Description("502, 503 and 504 in a row; 0 for never.")]
    [Range(0, int.MaxValue)]
    public int? ConsecutiveGatewayErrors { get; set; }

    [JsonPropertyName("interval")]
    [Description("How often it is looked at.")]
    [RegularExpression(Patterns.Duration)]
    public string? Interval { get; set; }

    [JsonPropertyName("baseEjectionTime")]
    [Description("How long an endpoint is left out the first time.")]
    [RegularExpression(Patterns.Duration)]
    public string? BaseEjectionTime { get; set; }

    [JsonPropertyName("maxEjectionPercent")]
    [Description("The most of all endpoints that is left out.")]
    [Range(0, 100)]
    public int? MaxEjectionPercent { get; set; }
}

internal sealed class HealthCheckModel
{
    [JsonPropertyName("interval")]
    [Description("Time between two probes.")]
    [RegularExpression(Patterns.Duration)]
    public string? Interval { get; set; }

    [JsonPropertyName("timeout")]
    [Description("How long an answer may take.")]
    [RegularExpression(Patterns.Duration)]
    public string? Timeout { get; set; }

    [JsonPropertyName("unhealthyThreshold")]
    [Description("Failures in a row until an endpoint is left out.")]
    [Range(1, int.MaxValue)]
    public int? UnhealthyThreshold { get; set; }

    [JsonPropertyName("healthyThreshold")]
    [Description("Successes in a row until it is used again.")]
    [Range(1, int.MaxValue)]
    public int? HealthyThreshold { get; set; }
}
