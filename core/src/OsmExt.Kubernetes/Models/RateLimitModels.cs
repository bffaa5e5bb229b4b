using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Models;

[Restricts]
internal sealed class RateLimitModel
{
    [JsonPropertyName("local")]
    [Description("Limits that each proxy counts for itself.")]
    public LocalRateLimitModel? Local { get; set; }

    [JsonPropertyName("global")]
    [Description("Limits that a rate limit service counts.")]
    public GlobalRateLimitModel? Global { get; set; }
}

[Restricts]
internal sealed class LocalRateLimitModel
{
    [JsonPropertyName("tcp")]
    [Description("Connections.")]
    public LocalTcpRateLimitModel? Tcp { get; set; }

    [JsonPropertyName("http")]
    [Description("Requests.")]
    public LocalHttpRateLimitModel? Http { get; set; }
}

[Restricts]
internal sealed class LocalTcpRateLimitModel
{
    [JsonPropertyName("connections")]
    [Description("How many connections each unit of time allows.")]
    [Required, Range(1, int.MaxValue / 2)]
    public int? Connections { get; set; }

    [JsonPropertyName("unit")]
    [Description("The unit of time.")]
    [Required, AllowedValues("second", "minute", "hour")]
    public string? Unit { get; set; }

    [JsonPropertyName("burst")]
    [Description("How many more may come at once.")]
    [Range(0, int.MaxValue / 2)]
    public int? Burst { get; set; }
}

[Restricts]
internal sealed class LocalHttpRateLimitModel
{
    [JsonPropertyName("requests")]
    [Description("How many requests each unit of time allows.")]
    [Required, Range(1, int.MaxValue / 2)]
    public int? Requests { get; set; }

    [JsonPropertyName("unit")]
    [Description("The unit of time.")]
    [Required, AllowedValues("second", "minute", "hour")]
    public string? Unit { get; set; }

    [JsonPropertyName("burst")]
    [Description("How many more may come at once.")]
    [Range(0, int.MaxValue / 2)]
    public int? Burst { get; set; }

    [JsonPropertyName("responseStatusCode")]
    [Description("The status of responses to requests above the limit; 429 when it is not set.")]
    [Range(400, 599)]
    public int? ResponseStatusCode { get; set; }

    [JsonPropertyName("responseHeadersToAdd")]
    [Description("Headers of responses to requests above the limit; those of the same name are replaced.")]
    [MaxLength(16)]
    public IList<HeaderValueModel>? ResponseHeadersToAdd { get; set; }
}

internal sealed class HeaderValueModel
{
    [JsonPropertyName("name")]
    [Description("The header's name.")]
    [Required, Length(1, 256), RegularExpression(Patterns.HeaderName)]
    public string? Name { get; set; }

    [JsonPropertyName("value")]
    [Description("The header's value.")]
    [Required, MinLength(1)]
    public string? Value { get; set; }
}

[Restricts]
internal sealed class GlobalRateLimitModel
{
    [JsonPropertyName("tcp")]
    [Description("Connections.")]
    public GlobalTcpRateLimitModel? Tcp { get; set; }

    [JsonPropertyName("http")]
    [Description("Requests.")]
    public GlobalHttpRateLimitModel? Http { get; set; }
}

internal sealed class RateLimitServiceModel
{
    [JsonPropertyName("host")]
    [Description("The service's host, without scheme and port.")]
    [Required, MinLength(1)]
    public string? Host { get; set; }

    [JsonPropertyName("port")]
    [Description("The service's port.")]
    [Required, Range(1, 65535)]
    public int? Port { get; set; }
}

[Restricts]
internal sealed class GlobalTcpRateLimitModel
{
    [JsonPropertyName("rateLimitService")]
    [Description("A server of Envoy's rate limit protocol.")]
    [Required]
    public RateLimitServiceModel? RateLimitService { get; set; }

    [JsonPropertyName("domain")]
    [Description("The domain of the limits.")]
    [Required, MinLength(1)]
    public string? Domain { get; set; }

    [JsonPropertyName("descriptors")]
    [Description("What each connection is counted under.")]
    [Required, Length(1, 16)]
    public IList<TcpDescriptorModel>? Descriptors { get; set; }

    [JsonPropertyName("timeout")]
    [Description("How long an answer may take; 20ms when it is not set.")]
    [RegularExpression(Patterns.Duration)]
    public string? Timeout { get; set; }

    [JsonPropertyName("failOpen")]
    [Description("Let connections through when the service does not answer.")]
    [DefaultValue(true)]
    public bool? FailOpen { get; set; }
}

[Restricts]
internal sealed class TcpDescriptorModel
{
    [JsonPropertyName("entries")]
    [Description("The entries; all of them together make the descriptor.")]
    [Required, Length(1, 8)]
    public IList<TcpDescriptorEntryModel>? Entries { get; set; }
}

[Restricts]
internal sealed class TcpDescriptorEntryModel
{
    [JsonPropertyName("key")]
    [Description("The entry's key.")]
    [Required, MinLength(1)]
    public string? Key { get; set; }

    [JsonPropertyName("value")]
    [Description("The entry's value.")]
    [Required, MinLength(1)]
    public string? Value { get; set; }
}

[Restricts]
internal sealed class GlobalHttpRateLimitModel
{
    [JsonPropertyName("rateLimitService")]
    [Description("A server of Envoy's rate limit protocol.")]
    [Required]
    public RateLimitServiceModel? RateLimitService { get; set; }

    [JsonPropertyName("domain")]
    [Description("The domain of the limits.")]
    [Required, MinLength(1)]
    public string? Domain { get; set; }

    [JsonPropertyName("descriptors")]
    [Description("What each request is counted under, besides what its route says.")]
    [Length(1, 16)]
    public IList<HttpDescriptorModel>? Descriptors { get; set; }

    [JsonPropertyName("timeout")]
    [Description("How long an answer may take; 20ms when it is not set.")]
    [RegularExpression(Patterns.Duration)]
    public string? Timeout { get; set; }

    [JsonPropertyName("failOpen")]
    [Description("Let requests through when the service does not answer.")]
    [DefaultValue(true)]
    public bool? FailOpen { get; set; }

    [JsonPropertyName("enableXRateLimitHeaders")]
    [Description("Tell clients their limits in x-ratelimit headers.")]
    [DefaultValue(false)]
    public bool? EnableXRateLimitHeaders { get; set; }

    [JsonPropertyName("responseStatusCode")]
    [Description("The status of responses to requests above the limit; 429 when it is not set.")]
    [Range(400, 599)]
    public int? ResponseStatusCode { get; set; }
}

[Restricts]
internal sealed class HttpRouteSettingModel
{
    [JsonPropertyName("path")]
    [Description("The path pattern of a permitted route, exactly as it stands in the HTTPRouteGroup; .* in permissive mode.")]
    [Required, MinLength(1)]
    public string? Path { get; set; }

    [JsonPropertyName("rateLimit")]
    [Description("The limits of the route.")]
    public HttpRouteRateLimitModel? RateLimit { get; set; }
}

[Restricts]
internal sealed class HttpRouteRateLimitModel
{
    [JsonPropertyName("local")]
    [Description("A limit that each proxy counts for itself.")]
    public LocalHttpRateLimitModel? Local { get; set; }

    [JsonPropertyName("global")]
    [Description("What the rate limit service of rateLimit.global.http counts.")]
    public HttpRouteGlobalRateLimitModel? Global { get; set; }
}

[Restricts]
internal sealed class HttpRouteGlobalRateLimitModel
{
    [JsonPropertyName("descriptors")]
    [Description("What each request of the route is counted under.")]
    [Required, Length(1, 16)]
    public IList<HttpDescriptorModel>? Descriptors { get; set; }
}
