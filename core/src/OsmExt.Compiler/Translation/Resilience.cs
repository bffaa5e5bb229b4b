using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;
using EnvoyHealthCheck = Envoy.Config.Core.V3.HealthCheck;
using EnvoyOutlierDetection = Envoy.Config.Cluster.V3.OutlierDetection;
using ProbeFilter = Envoy.Extensions.Filters.Http.HealthCheck.V3.HealthCheck;
using RouteRetryPolicy = Envoy.Config.Route.V3.RetryPolicy;
using OutlierDetection = OsmExt.Sdk.Resources.OutlierDetection;

namespace OsmExt.Compiler.Translation;

/// <summary>How a client's proxy treats a service that is slow, busy or failing.</summary>
internal static class Resilience
{
    private const string ProbePath = "/healthz/osm";
    private const string ProbeHeader = "x-osm-envoy-healthcheck";
    private const string ProbeValue = "1";

    // Envoy's own defaults (1,024 of everything) would refuse traffic that nobody asked to limit.
    public static CircuitBreakers Limits(ConnectionSettings settings) => new()
    {
        Thresholds =
        {
            new CircuitBreakers.Types.Thresholds
            {
                Priority = RoutingPriority.Default,
                MaxConnections = OrUnlimited(settings.MaxConnections),
                MaxPendingRequests = OrUnlimited(settings.MaxPendingRequests),
                MaxRequests = OrUnlimited(settings.MaxRequests),
                MaxRetries = OrUnlimited(settings.MaxRetries),
                TrackRemaining = true,
            },
        },
    };

    public static EnvoyOutlierDetection Ejection(OutlierDetection settings)
    {
        var ejection = new EnvoyOutlierDetection
        {
            Interval = Protos.Time(settings.Interval),
            BaseEjectionTime = Protos.Time(settings.BaseEjectionTime),
            Consecutive5Xx = (uint?)settings.Consecutive5xx,
            MaxEjectionPercent = (uint?)settings.MaxEjectionPercent,
            // Ejecting by statistics over the fleet is a decision nobody has made.
            EnforcingSuccessRate = 0,
        };
        if (settings.ConsecutiveGatewayErrors is { } errors)
        {
            ejection.ConsecutiveGatewayFailure = (uint)errors;
            ejection.EnforcingConsecutiveGatewayFailure = errors > 0 ? 100u : 0;
        }

        if (settings.Consecutive5xx == 0)
        {
            ejection.Consecutive5Xx = null;
            ejection.EnforcingConsecutive5Xx = 0;
        }

        return ejection;
    }

    /// <summary>The probe of a service, by its own settings or the mesh's; null for none.</summary>
    public static EnvoyHealthCheck? Probe(MeshSettings mesh, MeshService service)
    {
        if (!IsProbed(mesh, service))
        {
            return null;
        }

        var settings = service.Upstream.HealthCheck ?? new();
        var probe = new EnvoyHealthCheck
        {
            Interval = Protos.Time(settings.Interval),
            Timeout = Protos.Time(settings.Timeout),
            UnhealthyThreshold = (uint)settings.UnhealthyThreshold,
            HealthyThreshold = (uint)settings.HealthyThreshold,
        };
        if (service.Protocol.IsHttp())
        {
            probe.HttpHealthCheck = new()
            {
                Host = service.Name.Fqdn,
                Path = ProbePath,
                RequestHeadersToAdd =
                {
                    new HeaderValueOption
                    {
                        Header = new() { Key = ProbeHeader, Value = ProbeValue },
                        AppendAction = HeaderValueOption.Types.HeaderAppendAction.OverwriteIfExistsOrAdd,
                    },
                },
            };
        }
        else
        {
            // No bytes: that the handshake succeeds is the answer.
            probe.TcpHealthCheck = new();
        }

        return probe;
    }

    /// <summary>Answers probes in the name of the pod, before any rule is asked: it tells only that the proxy is there.</summary>
    public static ProbeFilter ProbeAnswer() => new()
    {
        PassThroughMode = false,
        Headers =
        {
            new HeaderMatcher { Name = ":path", StringMatch = new() { Exact = ProbePath } },
            new HeaderMatcher { Name = ProbeHeader, StringMatch = new() { Exact = ProbeValue } },
        },
    };

    public static bool IsProbed(MeshSettings mesh, MeshService service) => mesh.ActiveHealthChecks || service.Upstream.HealthCheck is not null;

    public static RouteRetryPolicy Retry(RetrySettings settings)
    {
        var policy = new RouteRetryPolicy
        {
            RetryOn = settings.RetryOn,
            NumRetries = (uint?)settings.NumRetries,
            PerTryTimeout = Protos.Time(settings.PerTryTimeout),
        };
        if (settings.BackoffBase is { } wait)
        {
            policy.RetryBackOff = new() { BaseInterval = Protos.Time(wait) };
        }

        return policy;
    }

    private static uint OrUnlimited(int? limit) => limit is { } number ? (uint)number : uint.MaxValue;
}
