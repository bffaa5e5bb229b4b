using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Models;

[Restricts]
internal sealed class RateLimitModel
{
    [JsonPropertyName("local")]
    public LocalRateLimitModel? Local { get; set; }

    [JsonPropertyName("global")]
    public GlobalRateLimitModel? Global { get; set; }
}

[Restricts]
internal sealed class LocalRateLimitModel
{
    [JsonPropertyName("tcp")]
    public LocalTcpRateLimitModel? Tcp { get; set; }

    [JsonPropertyName("http")]
    public LocalHttpRateLimitModel? Http { get; set; }
}

[Restricts]
internal sealed class LocalTcpRateLimitModel
{
    [JsonPropertyName("connections")]
    public int? Connections { get; set; }

    [JsonPropertyName("unit")]
    public string? Unit { get; set; }

    [JsonPropertyName("burst")]
    public int? Burst { get; set; }
}

[Restricts]
internal sealed class LocalHttpRateLimitModel
{
    [JsonPropertyName("requests")]
    public int? Requests { get; set; }

    [JsonPropertyName("unit")]
    public string? Unit { get; set; }

    [JsonPropertyName("burst")]
    public int? Burst { get; set; }

    [JsonPropertyName("responseStatusCode")]
    public int? ResponseStatusCode { get; set; }

    [JsonPropertyName("responseHeadersToAdd")]
    public IList<HeaderValueModel>? ResponseHeadersToAdd { get; set; }
}

internal sealed class HeaderValueModel
{
    [JsonPropertyName("name")]
    public string? Name { get; set; }

    [JsonPropertyName("value")]
    public string? Value { get; set; }
}

[Restricts]
internal sealed class GlobalRateLimitModel
{
    [JsonPropertyName("tcp")]
    public GlobalTcpRateLimitModel? Tcp { get; set; }

    [JsonPropertyName("http")]
    public GlobalHttpRateLimitModel? Http { get; set; }
}

internal sealed class RateLimitServiceModel
{
    [JsonPropertyName("host")]
    public string? Host { get; set; }

    [JsonPropertyName("port")]
    public int? Port { get; set; }
}

[Restricts]
internal sealed class GlobalTcpRateLimitModel
{
    [JsonPropertyName("rateLimitService")]
    public RateLimitServiceModel? RateLimitService { get; set; }

    [JsonPropertyName("domain")]
    public string? Domain { get; set; }

    [JsonPropertyName("descriptors")]
    public IList<TcpDescriptorModel>? Descriptors { get; set; }

    [JsonPropertyName("timeout")]
    public string? Timeout { get; set; }

    [JsonPropertyName("failOpen")]
    public bool? FailOpen { get; set; }
}

[Restricts]
internal sealed class TcpDescriptorModel
{
    [JsonPropertyName("entries")]
    public IList<TcpDescriptorEntryModel>? Entries { get; set; }
}

[Restricts]
internal sealed class TcpDescriptorEntryModel
{
    [JsonPropertyName("key")]
    public string? Key { get; set; }

    [JsonPropertyName("value")]
    public string? Value { get; set; }
}

[Restricts]
internal sealed class GlobalHttpRateLimitModel
{
    [JsonPropertyName("rateLimitService")]
    public RateLimitServiceModel? RateLimitService { get; set; }

    [JsonPropertyName("domain")]
    public string? Domain { get; set; }

    [JsonPropertyName("descriptors")]
    public IList<HttpDescriptorModel>? Descriptors { get; set; }

    [JsonPropertyName("timeout")]
    public string? Timeout { get; set; }

    [JsonPropertyName("failOpen")]
    public bool? FailOpen { get; set; }

    [JsonPropertyName("enableXRateLimitHeaders")]
    public bool? EnableXRateLimitHeaders { get; set; }

    [JsonPropertyName("responseStatusCode")]
    public int? ResponseStatusCode { get; set; }
}

[Restricts]
internal sealed class HttpRouteSettingModel
{
    [JsonPropertyName("path")]
    public string? Path { get; set; }

    [JsonPropertyName("rateLimit")]
    public HttpRouteRateLimitModel? RateLimit { get; set; }
}

[Restricts]
internal sealed class HttpRouteRateLimitModel
{
    [JsonPropertyName("local")]
    public LocalHttpRateLimitModel? Local { get; set; }

    [JsonPropertyName("global")]
    public HttpRouteGlobalRateLimitModel? Global { get; set; }
}

[Restricts]
internal sealed class HttpRouteGlobalRateLimitModel
{
    [JsonPropertyName("descriptors")]
    public IList<HttpDescriptorModel>? Descriptors { get; set; }
}
