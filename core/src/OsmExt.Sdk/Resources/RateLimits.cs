using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Resources;

/// <summary>How much a service's proxies let in. Local limits are counted by each proxy for itself, global ones by a rate limit service.</summary>
public sealed record RateLimits
{
    /// <summary>New connections; null for no limit.</summary>
    public LocalRateLimit? LocalTcp { get; init; }

    /// <summary>Requests to the service; null for no limit.</summary>
    public LocalHttpRateLimit? LocalHttp { get; init; }

    /// <summary>New connections, counted by a rate limit service; null for no limit.</summary>
    public GlobalTcpRateLimit? GlobalTcp { get; init; }

    /// <summary>Requests, counted by a rate limit service; null for no limit.</summary>
    public GlobalHttpRateLimit? GlobalHttp { get; init; }

    /// <summary>Limits of single routes.</summary>
    public EquatableArray<RouteRateLimit> Routes { get; init; }
}

/// <summary>A token bucket: so much in each unit of time, and a burst on top.</summary>
/// <param name="Count">How many in each unit.</param>
/// <param name="Unit">The unit of time: one second, minute or hour.</param>
/// <param name="Burst">How many more at once after a quiet time.</param>
public sealed record LocalRateLimit(int Count, TimeSpan Unit, int Burst = 0);

/// <summary>A token bucket for requests.</summary>
/// <param name="Bucket">The bucket.</param>
public sealed record LocalHttpRateLimit(LocalRateLimit Bucket)
{
    /// <summary>Status of a refused request; null for 429.</summary>
    public int? StatusCode { get; init; }

    /// <summary>Headers that a refused request's response carries.</summary>
    public EquatableArray<HeaderValue> ResponseHeaders { get; init; }
}

/// <summary>A header.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
public sealed record HeaderValue(string Name, string Value);

/// <summary>A rate limit service, asked over gRPC.</summary>
/// <param name="Host">Its host name or address.</param>
/// <param name="Port">Its port.</param>
public sealed record RateLimitService(string Host, int Port)
{
    /// <summary>The name of its cluster: <c>HOST|PORT</c>.</summary>
    public string Cluster => $"{Host}|{Port}";
}

/// <summary>How a rate limit service is asked.</summary>
/// <param name="Service">Whom to ask.</param>
/// <param name="Domain">The domain of the limits there.</param>
public sealed record GlobalRateLimit(RateLimitService Service, string Domain)
{
    /// <summary>How long an answer may take; null for Envoy's 20 ms.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether to let through what the service gives no answer about. Default true, as in OSM.</summary>
    public bool FailOpen { get; init; } = true;
}

/// <summary>Asks a rate limit service about new connections.</summary>
/// <param name="Limit">Whom and how.</param>
/// <param name="Descriptors">What is counted; all entries are of the generic kind, since a connection has no headers.</param>
public sealed record GlobalTcpRateLimit(GlobalRateLimit Limit, EquatableArray<RateLimitDescriptor> Descriptors);

/// <summary>Asks a rate limit service about requests.</summary>
/// <param name="Limit">Whom and how.</param>
/// <param name="Descriptors">What is counted for every request to the service; routes may have their own.</param>
public sealed record GlobalHttpRateLimit(GlobalRateLimit Limit, EquatableArray<RateLimitDescriptor> Descriptors)
{
    /// <summary>Whether responses carry the <c>x-ratelimit-*</c> headers (draft 03).</summary>
    public bool RateLimitHeaders { get; init; }

    /// <summary>Status of a refused request; null for 429.</summary>
    public int? StatusCode { get; init; }
}

/// <summary>The limits of one route.</summary>
/// <param name="Path">The route's path pattern, literally as a permitted route has it; <c>.*</c> in permissive mode.</param>
public sealed record RouteRateLimit(string Path)
{
    /// <summary>Its own bucket, instead of the service's; null for none.</summary>
    public LocalHttpRateLimit? Local { get; init; }

    /// <summary>What the rate limit service counts for it; the service must have a <see cref="RateLimits.GlobalHttp"/>.</summary>
    public EquatableArray<RateLimitDescriptor> Descriptors { get; init; }
}

/// <summary>What is counted together: entries whose keys and values all agree. A missing value leaves out the whole descriptor.</summary>
/// <param name="Entries">The entries, in order.</param>
public sealed record RateLimitDescriptor(EquatableArray<RateLimitEntry> Entries);

/// <summary>One key and value of a descriptor, and where the value comes from.</summary>
/// <param name="Key">The key; empty for Envoy's name of that kind.</param>
public abstract record RateLimitEntry(string Key);

/// <summary>A value that is always the same.</summary>
public sealed record GenericKeyEntry(string Key, string Value) : RateLimitEntry(Key);

/// <summary>The client's address.</summary>
public sealed record RemoteAddressEntry() : RateLimitEntry("");

/// <summary>The value of a request header.</summary>
public sealed record RequestHeaderEntry(string Key, string Header) : RateLimitEntry(Key);

/// <summary>A value that counts when headers match, or, with <paramref name="ExpectMatch"/> false, when they do not.</summary>
public sealed record HeaderMatchEntry(string Key, string Value, bool ExpectMatch, EquatableArray<HeaderCondition> Headers) : RateLimitEntry(Key);

/// <summary>A condition on one header.</summary>
/// <param name="Name">The header.</param>
/// <param name="Kind">How its value is compared.</param>
/// <param name="Value">With what; for <see cref="HeaderConditionKind.Present"/>, <c>true</c> or <c>false</c>.</param>
public sealed record HeaderCondition(string Name, HeaderConditionKind Kind, string Value);

/// <summary>How a header's value is compared.</summary>
public enum HeaderConditionKind
{
    /// <summary>It equals the value.</summary>
    Exact,

    /// <summary>It starts with the value.</summary>
    Prefix,

    /// <summary>It ends with the value.</summary>
    Suffix,

    /// <summary>All of it matches the RE2 pattern.</summary>
    Regex,

    /// <summary>It contains the value.</summary>
    Contains,

    /// <summary>It is there, or is not.</summary>
    Present,
}
