using System.Collections.Frozen;
using Envoy.Extensions.Filters.Http.ExtAuthz.V3;
using Envoy.Extensions.Filters.Http.HeaderMutation.V3;
using Envoy.Extensions.Filters.Http.HealthCheck.V3;
using Envoy.Extensions.Filters.Http.Rbac.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf;
using OsmExt.Simulation.Matching;
using OsmExt.Simulation.Rbac;

namespace OsmExt.Simulation.Http;

/// <summary>Runs a request through the filters of a connection manager, as far as they decide.</summary>
internal static class HttpFilters
{
    // They let pass, or refuse for load only.
    private static readonly FrozenDictionary<string, string> Passing = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"] = "passes unless its limit is exceeded",
        ["envoy.extensions.filters.http.ratelimit.v3.RateLimit"] = "passes unless the rate limit service says otherwise",
        ["envoy.extensions.filters.http.grpc_stats.v3.FilterConfig"] = "counts",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The reply of the filter that stops the request; null when it reaches the router.</summary>
    public static Reply? Run(HttpConnectionManager connection, PerFilterConfig routed, ProxyConfiguration proxy, AccessContext context,
        Action<string, string, string> took)
    {
        foreach (var (name, filter, special, where) in Steps(connection, routed))
        {
            switch (filter)
            {
                case null:
                    took("HTTP filter", name, "disabled");
                    break;
                case Router:
                    took("HTTP filter", name, "");
                    return null;
                case RBAC rbac:
                    if (Judge(rbac, special as RBACPerRoute, where, name, context, took) is { } refused)
                    {
                        return refused;
                    }

                    break;
                case ExtAuthz asking:
                    if (ExternalAuthorization.Judge(asking, special as ExtAuthzPerRoute, where, name, proxy, context, took) is { } unauthorized)
                    {
                        return unauthorized;
                    }

                    break;
                case HealthCheck probe:
                    if (Answers(probe, context, name))
                    {
                        took("HTTP filter", name, "answers the probe");
                        return Reply.Of(200, $"HTTP filter {name} answers probes itself");
                    }

                    took("HTTP filter", name, "");
                    break;
                case HeaderMutation change when !ChangesRequest(change, routed, name):
                    took("HTTP filter", name, "changes the answer's headers");
                    break;
                case var other when Passing.TryGetValue(other.Descriptor.FullName, out var effect):
                    took("HTTP filter", name, effect);
                    break;
                case var other:
                    throw Packed.NotKnown(other, $"HTTP filter {name}");
            }
        }

        throw new UndecidedException("HTTP filters", "there is no router among them");
    }

    /// <summary>The filters in order, each with what the place the request is routed to says about it; no message for one that is turned off.</summary>
    public static IEnumerable<FilterStep> Steps(HttpConnectionManager connection, PerFilterConfig routed)
    {
        foreach (var filter in connection.HttpFilters)
        {
            var (special, disabled, where) = routed.For(filter.Name);
            if (disabled || (filter.Disabled && where.Length == 0))
            {
                yield return new(filter.Name, null, null, where);
                continue;
            }

            yield return filter.ConfigTypeCase == HttpFilter.ConfigTypeOneofCase.TypedConfig
                ? new(filter.Name, Packed.Open(filter.TypedConfig, filter.Name), special, where)
                : throw new UndecidedException($"HTTP filter {filter.Name}", $"{filter.ConfigTypeCase} is not known");
        }
    }

    /// <summary>What a filter that changes headers does, its own changes first, then each level's.</summary>
    public static IEnumerable<Mutations> Changes(HeaderMutation filter, PerFilterConfig routed, string name)
    {
        var levels = routed.All(name).OfType<HeaderMutationPerRoute>().Select(level => level.Mutations);
        return new[] { filter.Mutations }.Concat(filter.MostSpecificHeaderMutationsWins ? levels.Reverse() : levels).Where(changes => changes is not null);
    }

    private static bool ChangesRequest(HeaderMutation filter, PerFilterConfig routed, string name)
        => Changes(filter, routed, name).Any(changes => changes.RequestMutations.Count > 0);

    /// <summary>Whether the filter answers a probe in place of the application.</summary>
    public static bool Answers(HealthCheck probe, AccessContext context, string name)
        => !Understood.Check(probe, $"HTTP filter {name}").PassThroughMode.GetValueOrDefault()
            && probe.Headers.All(header => HeaderMatch.Matches(header, context.Request!, context.Release.ComparesHeadersOneByOne));

    /// <summary>The refusal of access rules, or null.</summary>
    public static Reply? Judge(RBAC rbac, RBACPerRoute? special, string where, string name, AccessContext context,
        Action<string, string, string>? took = null)
    {
        var effective = special is null ? rbac : special.Rbac;
        if (effective is null || Understood.Check(effective, $"RBAC filter {name}").Rules is not { } rules)
        {
            took?.Invoke("RBAC filter", name, where.Length > 0 ? $"has no rules, as {where} says" : "has no rules");
            return null;
        }

        var from = where.Length > 0 ? $"rules of {where}" : "its own rules";
        var decision = RbacDecision.Of(rules, context, $"RBAC filter {name}");
        took?.Invoke("RBAC filter", name, decision.Allowed ? $"{from}: allowed" : $"{from}: denied");
        if (decision.Policy.Length > 0)
        {
            took?.Invoke("RBAC policy", decision.Policy, decision.Allowed ? "allows" : "denies");
        }

        return decision.Allowed ? null
            : Reply.Of(403, decision.Policy.Length > 0
                ? $"RBAC policy {decision.Policy} of {(where.Length > 0 ? where : name)} denies it"
                : $"no RBAC policy of {(where.Length > 0 ? where : name)} allows it");
    }
}

/// <summary>One filter of a connection manager, as it applies to one request.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Filter">Its configuration; null when it is turned off.</param>
/// <param name="Special">What the place the request is routed to says about it; null for nothing.</param>
/// <param name="Where">Which place says so; empty for none.</param>
internal readonly record struct FilterStep(string Name, IMessage? Filter, IMessage? Special, string Where);
