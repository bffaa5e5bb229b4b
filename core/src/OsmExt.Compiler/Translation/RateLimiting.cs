using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Ratelimit.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Type.V3;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;
using HttpGlobal = Envoy.Extensions.Filters.Http.Ratelimit.V3.RateLimit;
using HttpLocal = Envoy.Extensions.Filters.Http.LocalRatelimit.V3.LocalRateLimit;
using NetworkGlobal = Envoy.Extensions.Filters.Network.Ratelimit.V3.RateLimit;
using NetworkLocal = Envoy.Extensions.Filters.Network.LocalRatelimit.V3.LocalRateLimit;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// How much a pod lets in, on its own side. Limits come after access rules, so that whoever is refused uses up nothing.
/// </summary>
internal static class RateLimiting
{
    private const string StatPrefix = "http_local_rate_limiter";

    /// <summary>The object that limits what a service takes in; empty where none does, whatever else it may ask of clients.</summary>
    public static ResourceKey[] OriginsOf(MeshService service)
        => service is { UpstreamOrigin: { } origin, Upstream.RateLimits: var limits } && limits != UpstreamSettings.None.RateLimits ? [origin] : [];

    /// <summary>Limits on connections, of HTTP services too.</summary>
    public static IEnumerable<Filter> Connections(MeshService service)
    {
        var chain = Names.InboundChain(service);
        if (service.Upstream.RateLimits.LocalTcp is { } local)
        {
            yield return new() { Name = Names.NetworkLocalRateLimit, TypedConfig = Protos.Pack(new NetworkLocal { StatPrefix = chain, TokenBucket = Bucket(local) }) };
        }

        if (service.Upstream.RateLimits.GlobalTcp is { } global)
        {
            var filter = new NetworkGlobal
            {
                StatPrefix = chain,
                Domain = global.Limit.Domain,
                FailureModeDeny = !global.Limit.FailOpen,
                Timeout = Protos.Time(global.Limit.Timeout),
                RateLimitService = Ask(global.Limit),
            };
            filter.Descriptors.AddRange(global.Descriptors.Select(RateLimitActions.Fixed));
            yield return new() { Name = Names.NetworkGlobalRateLimit, TypedConfig = Protos.Pack(filter) };
        }
    }

    /// <summary>Limits on requests. The local filter limits nothing by itself; hosts and routes carry the buckets.</summary>
    public static IEnumerable<HttpFilter> Requests(MeshService service)
    {
        var limits = service.Upstream.RateLimits;
        if (limits.LocalHttp is not null || limits.Routes.Any(route => route.Local is not null))
        {
            yield return HttpConnections.HttpFilter(Names.HttpLocalRateLimit, new HttpLocal { StatPrefix = StatPrefix });
        }

        if (limits.GlobalHttp is { } global)
        {
            var filter = new HttpGlobal
            {
                Domain = global.Limit.Domain,
                FailureModeDeny = !global.Limit.FailOpen,
                Timeout = Protos.Time(global.Limit.Timeout),
                RateLimitService = Ask(global.Limit),
                EnableXRatelimitHeaders = global.RateLimitHeaders ? HttpGlobal.Types.XRateLimitHeadersRFCVersion.DraftVersion03 : HttpGlobal.Types.XRateLimitHeadersRFCVersion.Off,
            };
            if (global.StatusCode is { } status)
            {
                filter.RateLimitedStatus = new() { Code = (StatusCode)status };
            }

            yield return HttpConnections.HttpFilter(Names.HttpGlobalRateLimit, filter);
        }
    }

    /// <summary>Puts a service's limits on its virtual host, and those of single routes on the routes with their path.</summary>
    public static void Apply(VirtualHost host, MeshService service)
    {
        var limits = service.Upstream.RateLimits;
        if (limits.LocalHttp is { } local)
        {
            host.TypedPerFilterConfig[Names.HttpLocalRateLimit] = Protos.Pack(Bucket(local));
        }

        host.RateLimits.AddRange((limits.GlobalHttp?.Descriptors ?? []).Select(RateLimitActions.Of));
        foreach (var limit in limits.Routes)
        {
            foreach (var route in host.Routes.Where(route => string.Equals(route.Match.SafeRegex?.Regex, limit.Path, StringComparison.Ordinal)))
            {
                if (limit.Local is { } own)
                {
                    route.TypedPerFilterConfig[Names.HttpLocalRateLimit] = Protos.Pack(Bucket(own));
                }

                route.Route_.RateLimits.AddRange(limit.Descriptors.Select(RateLimitActions.Of));
            }
        }
    }

    /// <summary>The rate limit services that a pod's services ask, each once.</summary>
    public static IEnumerable<RateLimitService> ServicesOf(IEnumerable<MeshService> services)
        => services.SelectMany(service => new[] { service.Upstream.RateLimits.GlobalTcp?.Limit, service.Upstream.RateLimits.GlobalHttp?.Limit })
            .OfType<GlobalRateLimit>().Select(limit => limit.Service).DistinctBy(service => service.Cluster, StringComparer.Ordinal)
            .OrderBy(service => service.Cluster, StringComparer.Ordinal);

    private static HttpLocal Bucket(LocalHttpRateLimit limit)
    {
        var filter = new HttpLocal { StatPrefix = StatPrefix, TokenBucket = Bucket(limit.Bucket), FilterEnabled = Always(), FilterEnforced = Always() };
        if (limit.StatusCode is { } status)
        {
            filter.Status = new() { Code = (StatusCode)status };
        }

        filter.ResponseHeadersToAdd.AddRange(limit.ResponseHeaders.Select(header => new HeaderValueOption
        {
            Header = new() { Key = header.Name, Value = header.Value },
            AppendAction = HeaderValueOption.Types.HeaderAppendAction.OverwriteIfExistsOrAdd,
        }));
        return filter;
    }

    private static TokenBucket Bucket(LocalRateLimit limit) => new()
    {
        MaxTokens = (uint)limit.Count + (uint)limit.Burst,
        TokensPerFill = (uint)limit.Count,
        FillInterval = Protos.Time(limit.Unit),
    };

    private static RuntimeFractionalPercent Always()
        => new() { DefaultValue = new() { Numerator = 100, Denominator = FractionalPercent.Types.DenominatorType.Hundred } };

    private static RateLimitServiceConfig Ask(GlobalRateLimit limit) => new()
    {
        TransportApiVersion = ApiVersion.V3,
        // Else Envoy calls the service by its cluster's name, and servers refuse what is no host name.
        GrpcService = new() { EnvoyGrpc = new() { ClusterName = limit.Service.Cluster, Authority = Authority(limit.Service) }, Timeout = Protos.Time(limit.Timeout) },
    };

    private static string Authority(RateLimitService service) => service.Host.Contains(':', StringComparison.Ordinal) ? $"[{service.Host}]:{service.Port}" : $"{service.Host}:{service.Port}";
}
